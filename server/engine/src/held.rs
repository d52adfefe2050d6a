//! What an engine holds, for those who check it: as the store should have it, and in numbers. No
//! decision asks this.

use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, JobId};
use gleaner_shared::policy::Standing;

use crate::effect::Leased;
use crate::engine::Engine;
use crate::event::{GrantSnapshot, JobSnapshot, Snapshot, UnitSnapshot};
use crate::job::Job;
use crate::lease::Grant;
use crate::line::LINES;
use crate::unit::Trace;

/// How much an engine holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Open units, as they are counted while they come and go.
    pub units: usize,
    /// Open units that are there.
    pub units_there: usize,
    /// Open leases, as they are counted.
    pub leases: usize,
    /// Deadlines that are watched: one a lease.
    pub deadlines: usize,
    /// Grants with open leases.
    pub grants: usize,
    /// Held requests.
    pub requests: usize,
    /// Places in lines of all jobs.
    pub places: usize,
    /// Hosts that are connected or hold leases.
    pub hosts: usize,
}

impl Engine {
    /// What the store must have when all that was decided is committed: an engine restored from
    /// this stands where this one stands.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            last_grant: (self.last_grant > 0).then_some(GrantId(self.last_grant)),
            jobs: self.jobs.iter().map(|(id, job)| job_snapshot(*id, job)).collect(),
            grants: self.grants.iter().map(|(id, grant)| self.grant_snapshot(*id, grant)).collect(),
        }
    }

    fn grant_snapshot(&self, id: GrantId, grant: &Grant) -> GrantSnapshot {
        let job = self.jobs.get(&grant.job);
        let slots = (0..).zip(&grant.leases).filter_map(|(index, lease)| Some((index, (*lease)?)));
        let open = slots.map(|(index, lease)| {
            let place = lease.unit;
            let unit = job.and_then(|job| job.units.get(&place));
            let mut held = unit.into_iter().flat_map(|unit| &unit.held);
            let held = held.find(|held| held.lease.grant == id && held.lease.index == index);
            let slot = held.map_or(u8::MAX, |held| held.slot);
            (index, Leased { slice: place.slice, docs: place.docs, slot })
        });
        GrantSnapshot { grant: id, host: grant.host, job: grant.job, open: open.collect() }
    }

    /// How much it holds.
    pub fn sizes(&self) -> Sizes {
        let places = |job: &Job| LINES.iter().map(|line| job.lines.len(*line)).sum::<usize>();
        Sizes {
            units: self.units_open,
            units_there: self.jobs.values().map(|job| job.units.len()).sum(),
            leases: self.waiting.leases(),
            deadlines: self.deadlines.len(),
            grants: self.grants.len(),
            requests: self.waiting.requests(Standing::Own)
                + self.waiting.requests(Standing::Stranger),
            places: self.jobs.values().map(places).sum(),
            hosts: self.hosts.len(),
        }
    }

    /// Slices of a job that could be leased at once.
    pub fn window(&self, id: JobId) -> usize {
        self.jobs.get(&id).map_or(0, Job::window)
    }
}

fn job_snapshot(id: JobId, job: &Job) -> JobSnapshot {
    let rows = job.units.iter().filter(|(_, unit)| unit.trace == Trace::Row);
    let units: Vec<UnitSnapshot> = rows
        .map(|(place, unit)| UnitSnapshot {
            unit: place.in_job(id),
            expiries: unit.expiries,
            results: unit.votes.clone(),
        })
        .collect();
    JobSnapshot { job: id, row: job.row, units }
}
