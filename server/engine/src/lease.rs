//! Leases: how they are renewed, and how they end without a result.
//!
//! A grant's row goes when all of its leases have ended, however that was. A unit whose last trace
//! was its lease gets a row of its own before the lease is forgotten.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, HostId, JobId, LeaseId};
use gleaner_shared::limits::{LEASE_RENEWALS_MAX, UNIT_EXPIRIES_MAX};
use gleaner_shared::measure::Time;
use gleaner_shared::verdict::{Settlement, UnitFailure};

use crate::effect::Write;
use crate::engine::Engine;
use crate::event::Host;
use crate::job::Change;
use crate::unit::{Place, Trace};

/// A grant with its leases by index; those that have ended are `None`.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) host: Host,
    pub(crate) job: JobId,
    pub(crate) leases: Vec<Option<Lease>>,
    pub(crate) open: usize,
}

/// An open lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) unit: Place,
    pub(crate) until: Time,
    pub(crate) renewals: u16,
}

/// How a lease ends without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its deadline passed; this counts against the unit.
    RanOut,
    /// Its host gave it back or does not have it any more.
    HandedBack,
}

impl Grant {
    pub(crate) fn lease(&self, index: u16) -> Option<&Lease> {
        self.leases.get(usize::from(index))?.as_ref()
    }
}

impl Engine {
    /// Ends the leases whose deadline has come.
    pub(crate) fn expire(&mut self) {
        let mut late = Vec::new();
        while let Some((until, lease)) = self.deadlines.first().copied()
            && until <= self.now
        {
            self.deadlines.pop_first();
            if let Some(grant) = self.grants.get(&lease.grant) {
                let host = grant.host.id;
                self.cancel(host, lease);
                late.push(lease);
            }
        }
        self.end(&late, Ending::RanOut);
    }

    /// A host still works on these: their deadlines move, a limited number of times.
    pub(crate) fn renew(&mut self, host: HostId, leases: &[LeaseId]) {
        for &lease in leases {
            if !self.holds(host, lease) {
                self.cancel(host, lease);
                continue;
            }
            let Some(grant) = self.grants.get_mut(&lease.grant) else { continue };
            let Some(job) = self.jobs.get(&grant.job) else { continue };
            if let Some(Some(open)) = grant.leases.get_mut(usize::from(lease.index))
                && open.renewals < LEASE_RENEWALS_MAX
            {
                open.renewals += 1;
                self.deadlines.remove(&(open.until, lease));
                open.until = self.now + job.row.policy.deadline;
                self.deadlines.insert((open.until, lease));
            }
        }
    }

    /// A host hands these back.
    pub(crate) fn release(&mut self, host: HostId, leases: &[LeaseId]) {
        let held: Vec<LeaseId> =
            leases.iter().copied().filter(|lease| self.holds(host, *lease)).collect();
        self.end(&held, Ending::HandedBack);
    }

    /// Whether this lease is open and this host's.
    pub(crate) fn holds(&self, host: HostId, lease: LeaseId) -> bool {
        self.grants
            .get(&lease.grant)
            .is_some_and(|grant| grant.host.id == host && grant.lease(lease.index).is_some())
    }

    /// Ends leases that have brought no result. Their units are open again for others, or settled.
    pub(crate) fn end(&mut self, leases: &[LeaseId], ending: Ending) {
        let mut units = Vec::with_capacity(leases.len());
        let mut ended: BTreeMap<GrantId, Vec<u16>> = BTreeMap::new();
        for &lease in leases {
            if let Some((job, unit)) = self.detach(lease) {
                ended.entry(lease.grant).or_default().push(lease.index);
                if let Some(job) = self.jobs.get_mut(&job) {
                    job.drop_lease(unit, lease);
                }
                units.push((job, unit));
            }
        }
        for (grant, indices) in ended {
            if !self.close_if_ended(grant) {
                self.write(Write::LeasesEnd { grant, indices });
            }
        }
        for (job, unit) in units {
            self.reopen(job, unit, ending);
        }
    }

    /// A unit after one of its leases has ended without a result.
    fn reopen(&mut self, id: JobId, place: Place, ending: Ending) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let Some(unit) = job.units.get_mut(&place) else { return };
        let lost = unit.trace == Trace::Grants && unit.held.is_empty();
        if ending == Ending::RanOut {
            unit.expiries = unit.expiries.saturating_add(1);
        }
        let (expiries, given_up) = (unit.expiries, unit.expiries >= UNIT_EXPIRIES_MAX);
        if lost || ending == Ending::RanOut {
            unit.trace = Trace::Row;
            self.write(Write::UnitPut { unit: place.in_job(id), expiries });
        }
        self.waiting.stir();
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if let Some(settlement) = job.review(place, Change::Freed) {
            self.settle(place.in_job(id), settlement, None);
        } else if given_up {
            self.settle(place.in_job(id), Settlement::Failed(UnitFailure::Expired), None);
        }
    }

    /// Takes a lease out of its grant, its deadline and its host. Its unit is left to the caller.
    pub(crate) fn detach(&mut self, lease: LeaseId) -> Option<(JobId, Place)> {
        let grant = self.grants.get_mut(&lease.grant)?;
        let open = grant.leases.get_mut(usize::from(lease.index))?.take()?;
        grant.open -= 1;
        self.deadlines.remove(&(open.until, lease));
        let (host, job) = (grant.host, grant.job);
        self.waiting.lease_ended(&host);
        if let Some(host) = self.hosts.get_mut(&host.id) {
            host.held -= 1;
            self.waiting.has_room(host);
        }
        Some((job, open.unit))
    }

    /// Forgets a grant if all of its leases have ended, and says whether it did.
    pub(crate) fn close_if_ended(&mut self, id: GrantId) -> bool {
        if self.grants.get(&id).is_none_or(|grant| grant.open > 0) {
            return false;
        }
        if let Some(grant) = self.grants.remove(&id) {
            self.write(Write::GrantEnd(id));
            self.grant_forgotten(grant.host.id, id);
        }
        true
    }
}
