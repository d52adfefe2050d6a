//! What the engine wants done: writes for the one transaction of a batch, and what is told after it.

use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, HostId, JobId, LeaseId};
use gleaner_shared::policy::Policy;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Receipt, Settlement, UnitFailure};

use crate::event::{Host, Token, Vote};

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Goes into the transaction of this batch.
    Write(Write),
    /// Is told once that transaction has committed, never before.
    Tell(Tell),
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Units are leased.
    Running,
    /// No unit is leased until it is resumed.
    Paused,
    /// Every unit is settled; the finish step runs.
    Finishing,
    /// All that could be done is done.
    Done,
    /// Given up by its owner.
    Cancelled,
}

/// The engine's part of a job's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Its rules.
    pub policy: Policy,
    /// Where it stands.
    pub state: JobState,
    /// How many slices its corpus has.
    pub slices: u32,
    /// The first slice that was never leased; every one before it is settled or an open unit.
    pub next_slice: u32,
    /// Units merged.
    pub merged: u32,
    /// Units given up, of one document each.
    pub failed: u32,
    /// Units that were split into two: the job has `slices + splits` units.
    pub splits: u32,
    /// How often the finish step was asked for: its tables are replaced whole per generation.
    pub generation: u32,
}

/// A unit in a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Of which slice.
    pub slice: u32,
    /// Which of its documents.
    pub docs: DocRange,
    /// Which of the unit's copies it is: leases of one unit with one number fill one slot, which the
    /// first result of them does.
    pub slot: u8,
}

/// A change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Inserts or replaces the engine's part of a job's row. At most one a job in a batch, last.
    JobPut {
        /// Which.
        job: JobId,
        /// What.
        row: JobRow,
    },
    /// A grant: one row, however many units.
    GrantInsert {
        /// A number never used before.
        grant: GrantId,
        /// To whom.
        host: Host,
        /// Of which job.
        job: JobId,
        /// The units, in the order of their lease indices.
        units: Vec<Leased>,
    },
    /// Some leases of a grant have ended without a counted result and without their unit being
    /// settled (run out, handed back). The units' rows follow as [`Write::UnitPut`].
    LeasesEnd {
        /// Which grant.
        grant: GrantId,
        /// Which of its leases.
        indices: Vec<u16>,
    },
    /// All leases of a grant have ended, however: its row goes.
    GrantEnd(GrantId),
    /// Inserts or replaces the row of an open unit.
    UnitPut {
        /// Which.
        unit: UnitKey,
        /// Leases that ran out so far.
        expiries: u8,
    },
    /// A result that counts but does not settle its unit yet. Its bytes are kept. The unit has a row.
    ResultInsert {
        /// Which unit.
        unit: UnitKey,
        /// Whose result, and what.
        vote: Vote,
    },
    /// A unit is settled, once and for all: its row and results go, a settlement is appended. When it
    /// is [`Settlement::Merged`], the records of that digest are merged in the same transaction.
    UnitSettle {
        /// Which.
        unit: UnitKey,
        /// How.
        settlement: Settlement,
        /// The vote that settled it, if one did; a merged unit's records are then that vote's. With
        /// none (a lease ran out, and the rest decides) they are those of a kept result.
        by: Option<Vote>,
    },
    /// A unit that failed as a whole is replaced by two, which cover its documents exactly: its row
    /// and results go, rows of the two come. It has a row; leases of it have ended with this.
    UnitSplit {
        /// Which.
        unit: UnitKey,
        /// Into which documents.
        into: [DocRange; 2],
        /// How it failed.
        why: UnitFailure,
        /// The vote that decided it, if one did.
        by: Option<Vote>,
    },
    /// Failed units are open again: their settlements go, rows of open units come. Leases of these
    /// units in grants that are still open have ended with the settlement, and stay ended.
    UnitsReopen(Vec<UnitKey>),
    /// A cancelled job's open units, results and grants go.
    JobClear(JobId),
}

/// A message, sent after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Work for a held request.
    Grant {
        /// To whom.
        host: HostId,
        /// Which request it answers.
        request: u32,
        /// The grant.
        grant: GrantId,
        /// Of which job.
        job: JobId,
        /// The units in the order of their lease indices.
        units: Vec<(u32, DocRange)>,
    },
    /// These leases are void; stop computing them.
    Cancel {
        /// Whom.
        host: HostId,
        /// Which.
        leases: Vec<LeaseId>,
    },
    /// What became of a result.
    Receipt {
        /// The event's.
        token: Token,
        /// What.
        receipt: Receipt,
    },
    /// Say how many documents these slices have: the engine's window runs low.
    ReadSlices {
        /// Of which job.
        job: JobId,
        /// From which slice on.
        first: u32,
        /// How many, at most [`gleaner_shared::limits::WINDOW_SLICES`].
        count: u32,
    },
    /// Every unit of the job is settled: run its finish step, then say [`crate::event::Event::Finished`].
    Finish {
        /// Which.
        job: JobId,
        /// Which time.
        generation: u32,
    },
}
