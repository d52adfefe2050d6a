//! What a thread is given, and what it says when it is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gleaner_shared::id::LeaseId;
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::{GrantUnit, JobBrief};

use crate::disk::blobs::Item;
use crate::disk::spool::{Entry, Name};

/// One unit to compute.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// Under which lease.
    pub(crate) lease: LeaseId,
    /// What to do.
    pub(crate) job: Arc<JobBrief>,
    /// On what.
    pub(crate) payload: PayloadFacts,
    /// Which of its documents.
    pub(crate) docs: DocRange,
    /// How often a process died with it in hand.
    pub(crate) died: u32,
    /// Set when nobody wants the result any more.
    pub(crate) void: Void,
}

impl Task {
    /// Whether it is computed apart from all others.
    pub(crate) fn is_suspect(&self) -> bool {
        is_suspect(self.died, &GrantUnit { payload: self.payload, docs: self.docs })
    }
}

/// Whether a process died with a unit in hand, or it is a part of one that failed: then it is likely
/// to end the process that computes it, and is computed apart.
pub(crate) fn is_suspect(died: u32, unit: &GrantUnit) -> bool {
    died > 0 || unit.docs != DocRange { first: 0, count: unit.payload.docs }
}

/// Whether a unit in hand is still wanted; shared with the thread that computes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Void(Arc<AtomicBool>);

impl Void {
    /// Nobody wants it.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether nobody wants it.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What came of a task.
#[derive(Debug)]
pub(crate) struct Computed {
    /// Which.
    pub(crate) lease: LeaseId,
    /// How long it took.
    pub(crate) took: Duration,
    /// What.
    pub(crate) what: Made,
}

/// See [`Computed`].
#[derive(Debug)]
pub(crate) enum Made {
    /// A result, on disk.
    Spooled(Name, Entry),
    /// A result that the disk did not take. It is whole, and here only.
    Kept {
        /// What is told of it.
        entry: Entry,
        /// Its packed bytes.
        packed: Vec<u8>,
        /// What the disk said.
        why: String,
    },
    /// Nobody wanted it any more.
    Void,
    /// An item that it needs is damaged or gone; it was removed.
    Lacks(Item),
    /// This client does not know the app.
    UnknownApp,
    /// The disk could not be read.
    Unread(String),
    /// The process that computed it had to end for another reason; it is to be done again.
    Interrupted,
    /// The process that computed it, and others, died; how.
    Died(String),
    /// The process that had it alone died before its documents were begun; how. This machine cannot
    /// do its job.
    Unready(String),
    /// No process could be started; why.
    Unstarted(String),
}
