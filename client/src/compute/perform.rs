//! One unit, from the payload on disk to the result in the spool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gleaner_shared::digest::digest;
use gleaner_shared::limits::{ARTEFACT_BYTES_MAX, CRASHES_MAX};
use gleaner_shared::payload::{Payload, PayloadError, payload_open};
use gleaner_shared::records;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::{Artefact, JobBrief, ResultHead, Returned};

use super::apart::{Apart, Errand};
use super::app::{self, Failure, Ready, Unready};
use super::outcome::{Outcome, Stopped, failed};
use super::prepared::Prepared;
use super::task::{Made, Task, Void};
use crate::disk::blobs::{self, Blobs, Item};
use crate::disk::folder::Folder;
use crate::disk::spool::{Entry, Spool};

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Workshop {
    blobs: Blobs,
    spool: Spool,
    prepared: Prepared,
    apart: Apart,
}

/// Why there are no records.
enum Without {
    Stopped(Stopped),
    Failed(Failure),
}

impl From<Failure> for Without {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Stopped> for Without {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl Workshop {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        Self {
            blobs: Blobs::new(folder),
            spool: Spool::new(folder),
            prepared: Prepared::default(),
            apart: Apart::new(folder),
        }
    }

    /// Does a unit. The app may panic; nothing else here does.
    pub(crate) fn perform(&self, task: &Task) -> Made {
        if task.void.is_set() {
            return Made::Void;
        }
        match self.outcome(task) {
            Ok((returned, packed)) => self.spooled(task, returned, packed),
            Err(Stopped::Lacks(item)) => Made::Lacks(item),
            Err(Stopped::UnknownApp) => Made::UnknownApp,
            Err(Stopped::Unread(why)) => Made::Unread(why),
        }
    }

    /// Forgets jobs that were made ready: there is no work now, and they take memory.
    pub(crate) fn rest(&self) {
        self.prepared.forget();
    }

    fn outcome(&self, task: &Task) -> Outcome {
        if task.died >= CRASHES_MAX {
            let message = format!("the client died {} times with it in hand", task.died);
            return Ok(failed(Failure { class: FailureClass::Crashed, message }));
        }
        let job = JobBrief::clone(&task.job);
        let errand = Errand { job, payload: task.payload, docs: task.docs };
        if task.died == 0 {
            return self.records(&errand, &task.void);
        }
        tracing::debug!("unit {} is computed apart: the client died with it", task.lease);
        self.apart.perform(&errand).unwrap_or_else(|error| {
            tracing::warn!("a suspect unit cannot be computed apart: {error}");
            self.records(&errand, &task.void)
        })
    }

    /// Computes in this process; nothing is spooled.
    pub(crate) fn records(&self, errand: &Errand, void: &Void) -> Outcome {
        match self.canonical(errand, void) {
            Ok(result) => Ok(result),
            Err(Without::Failed(failure)) => Ok(failed(failure)),
            Err(Without::Stopped(stopped)) => Err(stopped),
        }
    }

    fn canonical(&self, errand: &Errand, void: &Void) -> Result<(Returned, Vec<u8>), Without> {
        let payload = self.payload(errand)?;
        let ready = self.ready(&errand.job)?;
        let canonical = guarded(|| ready.run(&payload, errand.docs, void))??;
        let unread = |error: std::io::Error| Stopped::Unread(error.to_string());
        let packed = records::pack(&canonical).map_err(unread)?;
        let too_large = |_| Failure {
            class: FailureClass::TooLarge,
            message: format!("the packed result has {} bytes", packed.len()),
        };
        let len = u32::try_from(packed.len()).map_err(too_large)?;
        let (digest, raw_len) = (digest(&canonical), canonical.len() as u64);
        Ok((Returned::Records { digest, raw_len, len }, packed))
    }

    fn payload(&self, errand: &Errand) -> Result<Payload, Without> {
        let item = Item::Payload(errand.payload.digest);
        let bytes = self.read(item)?;
        match payload_open(&errand.payload, &bytes) {
            Ok(payload) => Ok(payload),
            Err(PayloadError::Digest { .. }) => Err(self.lacks(item).into()),
            // The bytes are as promised, so it is the promise that is wrong: all hosts will say so.
            Err(error) => Err(Failure::refused(error).into()),
        }
    }

    fn ready(&self, job: &JobBrief) -> Result<Arc<Ready>, Without> {
        let mut stopped = None;
        let made = self.prepared.of(job, || {
            let data = match job.data.map(|data| self.artefact(data)).transpose() {
                Ok(data) => data,
                Err(why) => {
                    stopped = Some(why);
                    return Err(Unready::Lacks);
                }
            };
            guarded(|| app::prepare(job, data.as_deref()))
                .unwrap_or_else(|failure| Err(Unready::Failed(failure)))
        });
        made.map_err(|unready| match (stopped, unready, job.data) {
            (Some(stopped), ..) => stopped,
            (None, Unready::Lacks, Some(data)) => {
                Stopped::Lacks(Item::Artefact(data.digest)).into()
            }
            (None, Unready::Failed(failure), _) => failure.into(),
            (None, Unready::UnknownApp | Unready::Lacks, _) => Stopped::UnknownApp.into(),
        })
    }

    fn artefact(&self, data: Artefact) -> Result<Vec<u8>, Without> {
        if data.len > ARTEFACT_BYTES_MAX as u64 {
            let message = format!("the job's data has {} bytes, over the limit", data.len);
            return Err(Failure::refused(message).into());
        }
        let item = Item::Artefact(data.digest);
        let bytes = self.read(item)?;
        if digest(&bytes) != data.digest {
            return Err(self.lacks(item).into());
        }
        Ok(bytes)
    }

    fn read(&self, item: Item) -> Result<Vec<u8>, Stopped> {
        let bytes = blobs::read(&self.blobs.path(item));
        bytes.map_err(|error| Stopped::Unread(error.to_string()))?.ok_or(Stopped::Lacks(item))
    }

    /// Removes what is damaged, so that it is fetched again.
    fn lacks(&self, item: Item) -> Stopped {
        match self.blobs.remove(item) {
            Ok(()) => Stopped::Lacks(item),
            Err(error) => Stopped::Unread(error.to_string()),
        }
    }

    fn spooled(&self, task: &Task, returned: Returned, packed: Vec<u8>) -> Made {
        if task.void.is_set() {
            return Made::Void;
        }
        let (job, payload) = (task.job.digest, task.payload.digest);
        let head = ResultHead { job, payload, docs: task.docs, returned };
        let entry = Entry { lease: task.lease, head };
        match self.spool.put(&entry, &packed) {
            Ok(name) => Made::Spooled(name, entry),
            Err(error) => Made::Kept { entry, packed, why: error.to_string() },
        }
    }
}

/// Runs an app's code; a panic is a failure of the unit, not of the client.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    // What the app has left half done is never looked at: a prepared job is not changed by a run.
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = format!("the app panicked: {}", said.unwrap_or("without a word"));
        Failure { class: FailureClass::Crashed, message }
    })
}

#[cfg(test)]
#[path = "perform_tests.rs"]
mod tests;
