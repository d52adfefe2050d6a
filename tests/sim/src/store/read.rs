//! What is read back: the open part for a restart, the sizes of slices, the failed units of a job.

use std::collections::BTreeSet;

use gleaner_engine::effect::JobState;
use gleaner_engine::event::{GrantSnapshot, JobSnapshot, Snapshot, UnitSnapshot};
use gleaner_shared::id::{GrantId, HostId, JobId, LeaseId};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::{Outcome, Settlement};

use super::Store;

impl Store {
    /// The open part, as an engine starts from it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let last = self.last_grant;
        Snapshot {
            last_grant: (last > 0).then_some(GrantId(last)),
            jobs: self.job_snapshots(),
            grants: self.grant_snapshots(),
        }
    }

    fn job_snapshots(&self) -> Vec<JobSnapshot> {
        let is_open = |state| !matches!(state, JobState::Done | JobState::Cancelled);
        let open = self.jobs.iter().filter(|(_, row)| is_open(row.state));
        open.map(|(&job, &row)| JobSnapshot { job, row, units: self.unit_snapshots(job) }).collect()
    }

    fn unit_snapshots(&self, job: JobId) -> Vec<UnitSnapshot> {
        let of_job = self.units.iter().filter(|(unit, _)| unit.job == job);
        of_job
            .map(|(&unit, row)| UnitSnapshot {
                unit,
                expiries: row.expiries,
                results: row.results.clone(),
            })
            .collect()
    }

    fn grant_snapshots(&self) -> Vec<GrantSnapshot> {
        let open = |grant: GrantId| {
            let row = &self.grants[&grant];
            let leases = (0..)
                .zip(&row.units)
                .filter(move |(index, _)| self.is_lease_open(LeaseId { grant, index: *index }));
            leases.map(|(index, leased)| (index, *leased)).collect()
        };
        self.grants
            .iter()
            .map(|(&grant, row)| GrantSnapshot {
                grant,
                host: row.host,
                job: row.job,
                open: open(grant),
            })
            .collect()
    }

    /// Whether a lease is open.
    pub(crate) fn is_lease_open(&self, lease: LeaseId) -> bool {
        self.holder(lease).is_some()
    }

    /// Who holds a lease, if it is open.
    pub(crate) fn holder(&self, lease: LeaseId) -> Option<HostId> {
        let unit = self.unit_of(lease)?;
        let mut rows = self.leases.get(&unit)?.iter();
        rows.find(|row| row.lease == lease).map(|row| row.host.id)
    }

    /// Units of a job that have a row or a holder.
    pub(crate) fn open_units(&self, job: JobId) -> BTreeSet<UnitKey> {
        let open = self.units.keys().chain(self.leases.keys());
        open.filter(|unit| unit.job == job).copied().collect()
    }

    pub(crate) fn failed_units(&self, job: JobId) -> Vec<UnitKey> {
        let failed = self.settled.iter().filter(|(unit, settlement)| {
            unit.job == job && matches!(settlement, Settlement::Failed(_))
        });
        failed.map(|(unit, _)| *unit).collect()
    }

    /// Whether a unit is settled or was split.
    pub(crate) fn has_ended(&self, unit: UnitKey) -> bool {
        self.settled.contains_key(&unit) || self.split.contains(&unit)
    }

    /// Whether every job has ended.
    pub(crate) fn all_ended(&self) -> bool {
        let mut states = self.jobs.values().map(|row| row.state);
        states.all(|state| matches!(state, JobState::Done | JobState::Cancelled))
    }

    /// Whether a result that a host was told is kept may be deleted by it: it counts on disk, or its
    /// unit has ended.
    pub(crate) fn is_kept(&self, host: HostId, unit: UnitKey, outcome: Outcome) -> bool {
        let cancelled =
            self.jobs.get(&unit.job).is_some_and(|row| row.state == JobState::Cancelled);
        let mut results = self.units.get(&unit).into_iter().flat_map(|row| &row.results);
        cancelled
            || self.has_ended(unit)
            || results.any(|vote| vote.host.id == host && vote.outcome == outcome)
    }
}
