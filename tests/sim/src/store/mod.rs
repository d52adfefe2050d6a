//! A model of the store: the truth that survives crashes. A batch is applied whole or not at all,
//! and every write is checked against what a real store would refuse, and more.

mod apply;
mod check;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use gleaner_engine::effect::{JobRow, Leased};
use gleaner_engine::event::{Host, Vote};
use gleaner_shared::id::{GrantId, HostId, JobId, LeaseId};
use gleaner_shared::measure::Time;
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Settlement;

use crate::truth::Truth;

/// Everything that is on disk.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) truth: Truth,
    /// How many accounts of strangers lie alike: with a quorum of them, wrong merges are no fault.
    pub(crate) liars: usize,
    pub(crate) last_grant: u64,
    pub(crate) jobs: BTreeMap<JobId, JobRow>,
    pub(crate) grants: BTreeMap<GrantId, GrantRow>,
    pub(crate) units: BTreeMap<UnitKey, UnitRow>,
    pub(crate) settled: BTreeMap<UnitKey, Settlement>,
    /// Units that are gone: others cover their documents.
    pub(crate) split: BTreeSet<UnitKey>,
    /// How often the records of a unit were merged: the counter that must be exact.
    pub(crate) merges: BTreeMap<UnitKey, u32>,
    /// Open leases by unit: what a real store derives from its rows.
    pub(crate) leases: BTreeMap<UnitKey, Vec<LeaseRow>>,
    pub(crate) leases_open: usize,
    /// Open leases by host.
    pub(crate) held: BTreeMap<HostId, usize>,
    pub(crate) numbers: Numbers,
    /// Rare things that were written, by name.
    pub(crate) met: BTreeMap<&'static str, u64>,
    /// Units that the batch being applied has touched.
    touched: BTreeSet<UnitKey>,
    put: BTreeSet<JobId>,
    /// Failed units that the last batch has opened again.
    pub(crate) reopened: BTreeSet<UnitKey>,
}

/// Settled units of each job, counted apart from its row.
pub(crate) type Numbers = BTreeMap<JobId, Counts>;

/// Numbers of one job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) merged: u32,
    pub(crate) failed: u32,
    pub(crate) splits: u32,
    /// What the merged records have added up.
    pub(crate) sum: u64,
    /// The first slice that no grant has had.
    pub(crate) next_slice: u32,
}

#[derive(Debug)]
pub(crate) struct GrantRow {
    pub(crate) host: Host,
    pub(crate) job: JobId,
    pub(crate) units: Vec<Leased>,
}

/// An open lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaseRow {
    pub(crate) lease: LeaseId,
    pub(crate) host: Host,
    pub(crate) slot: u8,
    /// How long servers had been up when it was given.
    pub(crate) since: Time,
}

#[derive(Debug, Default)]
pub(crate) struct UnitRow {
    pub(crate) expiries: u8,
    pub(crate) results: Vec<Vote>,
}

impl Store {
    pub(crate) fn new(truth: Truth, liars: usize) -> Self {
        Self {
            truth,
            liars,
            last_grant: 0,
            jobs: BTreeMap::new(),
            grants: BTreeMap::new(),
            units: BTreeMap::new(),
            settled: BTreeMap::new(),
            split: BTreeSet::new(),
            merges: BTreeMap::new(),
            leases: BTreeMap::new(),
            leases_open: 0,
            held: BTreeMap::new(),
            numbers: BTreeMap::new(),
            met: BTreeMap::new(),
            touched: BTreeSet::new(),
            put: BTreeSet::new(),
            reopened: BTreeSet::new(),
        }
    }
}
