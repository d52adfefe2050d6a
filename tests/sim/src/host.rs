//! A simulated host: what it holds, computes, keeps and says. Knows no network.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_engine::event::Host;
use gleaner_shared::id::{JobId, LeaseId};
use gleaner_shared::limits::{GRANT_UNITS_MAX, HOST_LEASES_MAX};
use gleaner_shared::measure::{Millis, Time};
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome};

use crate::message::{Conn, HostIndex, Up};
use crate::rng::{Rng, mix};
use crate::setup::{HostPlan, Nature};
use crate::truth::{Truth, host_id};

/// A host.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) index: HostIndex,
    pub(crate) host: Host,
    pub(crate) nature: Nature,
    slowness: Millis,
    pub(crate) threads: u16,
    /// Its process: one more at each restart.
    pub(crate) life: u32,
    pub(crate) conn: Conn,
    pub(crate) link: Link,
    /// Units that it still has to compute or deliver.
    held: BTreeMap<LeaseId, UnitKey>,
    /// Those of them that it has not begun, and those that it computes at present.
    queue: BTreeSet<LeaseId>,
    busy: BTreeSet<LeaseId>,
    /// Results not yet receipted, by their delivery's number.
    spool: BTreeMap<u64, Spooled>,
    delivered: u64,
    request: Option<(u32, Time)>,
    requests: u32,
    heard: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Down,
    Up,
    /// It never comes back.
    Vanished,
}

#[derive(Clone, Copy, Debug)]
struct Spooled {
    lease: LeaseId,
    unit: UnitKey,
    outcome: Outcome,
    since: Time,
}

/// A unit that is computed, and how long that takes.
pub(crate) type Task = (LeaseId, Millis);

impl Client {
    pub(crate) fn new(index: HostIndex, plan: &HostPlan) -> Self {
        let id = host_id(plan.twin.unwrap_or(index));
        let host = Host { id, account: plan.account, standing: plan.standing };
        Self {
            index,
            host,
            nature: plan.nature,
            slowness: plan.slowness,
            threads: plan.threads,
            life: 0,
            conn: 0,
            link: Link::Down,
            held: BTreeMap::new(),
            queue: BTreeSet::new(),
            busy: BTreeSet::new(),
            spool: BTreeMap::new(),
            delivered: 0,
            request: None,
            requests: 0,
            heard: Time(0),
        }
    }

    /// Connects and states what it holds.
    pub(crate) fn connect(&mut self, now: Time) -> Up {
        self.conn += 1;
        self.link = Link::Up;
        self.heard = now;
        self.request = None;
        Up::Hello { leases: self.held.keys().copied().take(HOST_LEASES_MAX).collect() }
    }

    /// Its connection is gone, or it thinks so.
    pub(crate) fn disconnect(&mut self) {
        if self.link == Link::Up {
            self.link = Link::Down;
        }
        self.request = None;
    }

    /// What it says in a regular look around: renewals, results again, a request.
    pub(crate) fn says(&mut self, now: Time, beat: Millis) -> Vec<Up> {
        let mut says = Vec::new();
        if !self.held.is_empty() && self.nature != Nature::Sleeps {
            says.push(Up::Renewed { leases: self.held.keys().copied().collect() });
        }
        for (&number, spooled) in &mut self.spool {
            if now - spooled.since >= beat {
                spooled.since = now;
                let Spooled { unit, outcome, .. } = *spooled;
                says.push(Up::Result { number, unit, outcome });
            }
        }
        says.extend(self.wants(now, beat));
        says
    }

    /// A request, if it has room and none is held, or the last one seems lost.
    pub(crate) fn wants(&mut self, now: Time, beat: Millis) -> Option<Up> {
        let lost = Millis(beat.0 * 3);
        let waits = self.request.is_some_and(|(_, since)| now - since < lost);
        if self.link != Link::Up || waits || self.held.len() >= GRANT_UNITS_MAX / 2 {
            return None;
        }
        self.requests += 1;
        self.request = Some((self.requests, now));
        let units = 1 + (mix(u64::from(self.requests)) % 20) as u16;
        Some(Up::Wanted { request: self.requests, units })
    }

    /// Whether it has heard nothing for so long that it should connect anew.
    pub(crate) fn is_deaf(&self, now: Time, beat: Millis) -> bool {
        !(self.held.is_empty() && self.request.is_none()) && now - self.heard > Millis(beat.0 * 8)
    }

    pub(crate) fn hears(&mut self, now: Time) {
        self.heard = now;
    }

    /// Takes a grant if it answers its request; else the leases to hand back.
    pub(crate) fn takes(
        &mut self,
        request: u32,
        job: JobId,
        leases: impl Iterator<Item = (LeaseId, (u32, DocRange))>,
    ) -> Result<(), Vec<LeaseId>> {
        if self.request.is_none_or(|(asked, _)| asked != request) {
            return Err(leases.map(|(lease, _)| lease).collect());
        }
        self.request = None;
        for (lease, (slice, docs)) in leases {
            self.held.insert(lease, UnitKey { job, slice, docs });
            self.queue.insert(lease);
        }
        Ok(())
    }

    pub(crate) fn never_computes(&self) -> bool {
        matches!(self.nature, Nature::Hogs | Nature::Sleeps)
    }

    /// What its idle threads begin, the oldest first, and how long each takes.
    pub(crate) fn begins(&mut self, rng: &mut Rng) -> Vec<Task> {
        let mut tasks = Vec::new();
        while !self.never_computes()
            && self.busy.len() < usize::from(self.threads)
            && let Some(lease) = self.queue.pop_first()
        {
            self.busy.insert(lease);
            tasks.push((lease, Millis(rng.between(1, self.slowness.0))));
        }
        tasks
    }

    /// It has computed a unit, if it still holds it: the result is spooled and said.
    pub(crate) fn computed(&mut self, now: Time, lease: LeaseId, truth: &Truth) -> Option<Up> {
        if !self.busy.remove(&lease) {
            return None;
        }
        let unit = *self.held.get(&lease)?;
        let id = self.host.id;
        // Most of the time, but not always: a sleeper does honest work too.
        let lies = !mix(u64::from(unit.slice) ^ truth.salt).is_multiple_of(4);
        let outcome = match self.nature {
            Nature::LiesAlone if lies => truth.alone(unit, id),
            Nature::Colludes if lies => truth.colluding(unit),
            Nature::ClaimsCrashes if lies => Outcome::Failed(FailureClass::Crashed),
            _ => truth.honest(unit, id),
        };
        self.delivered += 1;
        let number = self.delivered;
        self.spool.insert(number, Spooled { lease, unit, outcome, since: now });
        (self.link == Link::Up).then_some(Up::Result { number, unit, outcome })
    }

    /// A result is receipted, whatever became of it.
    pub(crate) fn receipted(&mut self, number: u64) {
        if let Some(spooled) = self.spool.remove(&number) {
            self.held.remove(&spooled.lease);
        }
    }

    /// Leases are void: what is not computed is dropped; what is, is delivered all the same.
    pub(crate) fn cancelled(&mut self, leases: &[LeaseId]) {
        for lease in leases {
            self.held.remove(lease);
            self.queue.remove(lease);
            self.busy.remove(lease);
        }
    }

    /// Hands back some of what it has not computed.
    pub(crate) fn hands_back(&mut self, rng: &mut Rng) -> Option<Up> {
        let spooled: Vec<LeaseId> = self.spool.values().map(|spooled| spooled.lease).collect();
        let free = self.held.keys().copied().filter(|lease| !spooled.contains(lease));
        let leases: Vec<LeaseId> = free.filter(|_| rng.chance(500)).collect();
        self.cancelled(&leases);
        (!leases.is_empty()).then_some(Up::Released { leases })
    }

    /// Its process starts again with all that was on its disk; it begins anew what it was at.
    pub(crate) fn restarts(&mut self) {
        self.life += 1;
        self.queue.append(&mut self.busy);
        self.disconnect();
    }

    /// Its process starts again on a copy of the disk of another with its key.
    pub(crate) fn wakes_as(&mut self, twin: &Self) {
        self.restarts();
        self.held.clone_from(&twin.held);
        self.spool.clone_from(&twin.spool);
        self.delivered = self.delivered.max(twin.delivered);
        self.queue = self.held.keys().copied().collect();
        for spooled in self.spool.values() {
            self.queue.remove(&spooled.lease);
        }
    }

    /// Its process starts again and its disk is empty.
    pub(crate) fn forgets(&mut self) {
        self.restarts();
        self.held.clear();
        self.queue.clear();
        self.spool.clear();
    }

    /// It comes under another account, or becomes an own host.
    pub(crate) fn moves(&mut self, rng: &mut Rng) {
        if self.nature == Nature::Honest && self.host.standing == Standing::Stranger {
            self.host.account.0 = 1 + rng.below(8);
        }
    }
}
