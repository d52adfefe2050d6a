//! An engine from what the store holds.
//!
//! Open leases get their whole time again, since nobody could renew them while no server was up.
//! Afterwards the driver flushes and commits as after a batch: what had to be told may be told again.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use gleaner_shared::id::{GrantId, JobId, LeaseId};
use gleaner_shared::limits::GRANT_UNITS_MAX;
use gleaner_shared::measure::Time;
use gleaner_shared::unit::UnitKey;

use crate::connect::KnownHost;
use crate::effect::{JobState, Leased, Tell};
use crate::engine::Engine;
use crate::event::{GrantSnapshot, JobSnapshot, Snapshot};
use crate::job::{Change, Job};
use crate::lease::{Grant, Lease};
use crate::unit::{Held, Place, Trace, Unit};

/// Why a store is not one that an engine has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// A unit is open whose slice was never leased.
    UnitAhead {
        /// Which.
        unit: UnitKey,
        /// The first slice of its job that was never leased.
        next_slice: u32,
    },
    /// A row of an open unit stands under another job.
    UnitElsewhere {
        /// Which.
        unit: UnitKey,
        /// Under which job.
        job: JobId,
    },
    /// A grant has a number that was not given yet.
    GrantAhead {
        /// Which.
        grant: GrantId,
        /// The greatest number given.
        last: u64,
    },
    /// A lease has an index that no grant has.
    LeaseBeyond(LeaseId),
    /// A job has more open units than its numbers say, and one would be merged twice; or fewer, and
    /// documents of one would be lost.
    OpenMiscounted {
        /// Which job.
        job: JobId,
        /// Units that are open.
        open: usize,
        /// Units that must be open: leased once or split off, and not settled.
        unsettled: u32,
    },
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnitAhead { unit, next_slice } => write!(
                f,
                "job {}: slice {} has an open unit, but slices from {next_slice} on were never \
                 leased; the store is damaged or mixed from two backups: restore one backup whole",
                unit.job, unit.slice
            ),
            Self::UnitElsewhere { unit, job } => write!(
                f,
                "an open unit of job {} stands under job {job}; the store is damaged: restore a \
                 backup",
                unit.job
            ),
            Self::GrantAhead { grant, last } => write!(
                f,
                "grant {grant} is open, but the last one given is {last}; the store is damaged or \
                 mixed from two backups: restore one backup whole"
            ),
            Self::LeaseBeyond(lease) => write!(
                f,
                "lease {lease} is open, but a grant has at most {GRANT_UNITS_MAX}; the store is \
                 damaged: restore a backup"
            ),
            Self::OpenMiscounted { job, open, unsettled } => write!(
                f,
                "job {job}: {open} units are open, but {unsettled} were leased and are not \
                 settled; the store is damaged or mixed from two backups: restore one backup whole"
            ),
        }
    }
}

impl core::error::Error for RestoreError {}

impl Engine {
    /// The engine that goes on from a store. No host is connected yet.
    ///
    /// Leases of settled units, of forgotten jobs, or of hosts that have voted are taken as ended,
    /// so the store may list them or not.
    pub fn restore(now: Time, snapshot: Snapshot) -> Result<Self, RestoreError> {
        let mut engine = Self::new();
        engine.now = now;
        engine.last_grant = snapshot.last_grant.map_or(0, |grant| grant.0);
        for job in snapshot.jobs {
            engine.restore_job(job)?;
        }
        for grant in snapshot.grants {
            engine.restore_grant(grant)?;
        }
        engine.check_open()?;
        engine.go_on();
        Ok(engine)
    }

    fn restore_job(&mut self, snapshot: JobSnapshot) -> Result<(), RestoreError> {
        let next_slice = snapshot.row.next_slice;
        if matches!(snapshot.row.state, JobState::Done | JobState::Cancelled) {
            return Ok(());
        }
        let mut job = Job::new(snapshot.row);
        for stored in snapshot.units {
            let unit = stored.unit;
            if unit.job != snapshot.job {
                return Err(RestoreError::UnitElsewhere { unit, job: snapshot.job });
            }
            if unit.slice >= next_slice {
                return Err(RestoreError::UnitAhead { unit, next_slice });
            }
            let mut open = Unit::new(Trace::Row);
            open.expiries = stored.expiries;
            open.votes = stored.results;
            if job.units.insert(Place::of(unit), open).is_none() {
                self.units_open += 1;
            }
        }
        self.jobs.insert(snapshot.job, job);
        Ok(())
    }

    fn restore_grant(&mut self, stored: GrantSnapshot) -> Result<(), RestoreError> {
        let grant = stored.grant;
        if grant.0 > self.last_grant {
            return Err(RestoreError::GrantAhead { grant, last: self.last_grant });
        }
        let Some(job) = self.jobs.get_mut(&stored.job) else { return Ok(()) };
        if job.row.state == JobState::Finishing {
            return Ok(());
        }
        let until = self.now + job.row.policy.deadline;
        let mut leases: Vec<Option<Lease>> = Vec::new();
        let mut open = 0;
        for (index, Leased { slice, docs, slot }) in stored.open {
            let lease = LeaseId { grant, index };
            let place = Place { slice, docs };
            if usize::from(index) >= GRANT_UNITS_MAX {
                return Err(RestoreError::LeaseBeyond(lease));
            }
            if slice >= job.row.next_slice {
                let (unit, next_slice) = (place.in_job(stored.job), job.row.next_slice);
                return Err(RestoreError::UnitAhead { unit, next_slice });
            }
            let known = job.units.len();
            let unit = job.units.entry(place).or_insert_with(|| Unit::new(Trace::Grants));
            if unit.has_vote_of(&stored.host)
                || unit.held.iter().any(|held| held.host.id == stored.host.id)
            {
                continue;
            }
            self.units_open += job.units.len() - known;
            open += 1;
            let (host, since) = (stored.host, self.now);
            let rounds = u16::try_from(open).unwrap_or(u16::MAX);
            job.hold(place, Held { lease, host, slot, since, rounds });
            if leases.len() <= usize::from(index) {
                leases.resize(usize::from(index) + 1, None);
            }
            leases[usize::from(index)] = Some(Lease { unit: place, until, renewals: 0 });
        }
        self.insert_grant(grant, Grant { host: stored.host, job: stored.job, leases, open });
        self.close_if_ended(grant);
        Ok(())
    }

    /// Every job has as many open units as its numbers say: none is lost, none is there twice.
    fn check_open(&self) -> Result<(), RestoreError> {
        for (&id, job) in &self.jobs {
            let settled = job.row.merged.saturating_add(job.row.failed);
            let begun = job.row.next_slice.saturating_add(job.row.splits);
            let unsettled = begun.saturating_sub(settled);
            let open = job.units.len();
            if u32::try_from(open) != Ok(unsettled) {
                return Err(RestoreError::OpenMiscounted { job: id, open, unsettled });
            }
        }
        Ok(())
    }

    /// Notes a grant with its host and its deadlines.
    pub(crate) fn insert_grant(&mut self, id: GrantId, grant: Grant) {
        for (index, lease) in (0..).zip(&grant.leases) {
            if let Some(lease) = lease {
                self.deadlines.insert((lease.until, LeaseId { grant: id, index }));
            }
        }
        let known = self.hosts.entry(grant.host.id).or_insert_with(|| KnownHost::new(grant.host));
        known.grants.insert(id);
        known.held += grant.open;
        self.waiting.leases_began(&grant.host, grant.open);
        self.grants.insert(id, grant);
    }

    /// Judges every unit again and says what has to be said.
    fn go_on(&mut self) {
        let places: BTreeMap<JobId, Vec<Place>> =
            self.jobs.iter().map(|(id, job)| (*id, job.units.keys().copied().collect())).collect();
        for (id, places) in places {
            for place in places {
                let settlement =
                    self.jobs.get_mut(&id).and_then(|job| job.review(place, Change::Freed));
                if let Some(settlement) = settlement {
                    self.settle(place.in_job(id), settlement, None);
                }
            }
            self.refill(id);
            self.finish_if_settled(id);
        }
        let finishing: Vec<_> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.row.state == JobState::Finishing)
            .map(|(id, job)| (*id, job.row.generation))
            .collect();
        for (job, generation) in finishing {
            self.tell(Tell::Finish { job, generation });
        }
    }
}
