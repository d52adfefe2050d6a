//! What the engine is told. Everything in here has been checked against types and limits before:
//! a stranger's bytes never get this far unchecked.

use alloc::vec::Vec;

use gleaner_shared::id::{AccountId, GrantId, HostId, JobId, LeaseId};
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Outcome;

/// A machine that is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Who.
    pub id: HostId,
    /// Whose.
    pub account: AccountId,
    /// Own or a stranger's.
    pub standing: Standing,
}

/// Pairs an event with the [`crate::effect::Tell`] that answers it. Given by the driver, never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub u64);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A job was submitted. Its row is written by this.
    JobOpened {
        /// A number that was never used before.
        job: JobId,
        /// Its rules.
        policy: Policy,
        /// How many slices its corpus has.
        slices: u32,
    },
    /// No unit of it is leased until it goes on.
    JobPaused(JobId),
    /// It goes on.
    JobResumed(JobId),
    /// Its open units are dropped; merged records stay until it is removed.
    JobCancelled(JobId),
    /// The failed units of a job, read back from the store, are to be done again (`job retry`).
    JobRetried {
        /// The job, whose state is done or running.
        job: JobId,
        /// Failed units, at most [`gleaner_shared::limits::RETRY_UNITS_MAX`].
        units: Vec<UnitKey>,
    },
    /// A done job, which the engine has forgotten, read back from the store so that
    /// [`Event::JobRetried`] can follow in the same batch. Without that it is forgotten again.
    JobRestored {
        /// A job that the engine does not hold.
        job: JobId,
        /// Its row, whose state is done.
        row: crate::effect::JobRow,
    },
    /// Answers [`crate::effect::Tell::ReadSlices`]: how many documents each of these slices has.
    SlicesRead {
        /// The job.
        job: JobId,
        /// The first slice's number.
        first: u32,
        /// Documents per slice.
        docs: Vec<u32>,
    },
    /// A host has connected and states the leases it holds; the others are freed at once.
    HostConnected {
        /// The host; standing and account as the store has them now.
        host: Host,
        /// How many units it computes at once.
        threads: u16,
        /// Leases it still holds.
        leases: Vec<LeaseId>,
    },
    /// Its connection is gone. Its leases run on.
    HostLost(HostId),
    /// It may have nothing any more: its leases end, its held request is dropped.
    HostBanned(HostId),
    /// It wants work and waits until there is some. Replaces an earlier request.
    Wanted {
        /// Who.
        host: HostId,
        /// Which request, told back with the grant.
        request: u32,
        /// How many units at most.
        units: u16,
    },
    /// It is alive and still holds these.
    Renewed {
        /// Who.
        host: HostId,
        /// Which.
        leases: Vec<LeaseId>,
    },
    /// It hands these back, undone.
    Released {
        /// Who.
        host: HostId,
        /// Which.
        leases: Vec<LeaseId>,
    },
    /// It returned a result, whose bytes the driver holds. The unit is resolved from digests.
    Returned {
        /// Who; its standing and account are those of now. It need not be connected any more.
        host: Host,
        /// Of which unit.
        unit: UnitKey,
        /// What.
        outcome: Outcome,
        /// Told back with the receipt.
        token: Token,
    },
    /// The finish step of a job has ended and its tables are in place.
    Finished(JobId),
    /// Time has passed: leases may have run out.
    Ticked,
}

/// The open part of the store, from which an engine starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The greatest grant number ever given.
    pub last_grant: Option<GrantId>,
    /// Jobs that are not [`crate::effect::JobState::Done`] or cancelled.
    pub jobs: Vec<JobSnapshot>,
    /// Grants with leases that have not ended.
    pub grants: Vec<GrantSnapshot>,
}

/// A job as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSnapshot {
    /// Which.
    pub job: JobId,
    /// Its row.
    pub row: crate::effect::JobRow,
    /// Its open units that have a row.
    pub units: Vec<UnitSnapshot>,
}

/// An open unit that has a row, with its counted results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSnapshot {
    /// Which.
    pub unit: UnitKey,
    /// Leases that ran out so far.
    pub expiries: u8,
    /// Counted results so far.
    pub results: Vec<Vote>,
}

/// A counted result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Who, with the account and standing it had when it returned.
    pub host: Host,
    /// What.
    pub outcome: Outcome,
}

/// A grant with open leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantSnapshot {
    /// Which.
    pub grant: GrantId,
    /// To whom.
    pub host: Host,
    /// Of which job.
    pub job: JobId,
    /// Its units by their lease indices, with those that have ended left out.
    pub open: Vec<(u16, crate::effect::Leased)>,
}
