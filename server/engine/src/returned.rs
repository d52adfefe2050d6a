//! Results: which count, what they decide, and how a unit is settled.

use alloc::vec::Vec;

use gleaner_shared::id::LeaseId;
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Outcome, Receipt, Settlement};

use crate::effect::{Tell, Write};
use crate::engine::Engine;
use crate::event::{Host, Token, Vote};
use crate::job::Change;
use crate::lease::Ending;
use crate::unit::{Held, Place, Trace, Unit};

/// What is to be done with a result.
enum Hearing {
    /// It counts; the copy that it came with, if any, has ended.
    Counts(Option<Held>),
    /// It does not.
    No(Receipt),
}

impl Engine {
    /// A host returns a result. It is answered once, whatever becomes of it.
    pub(crate) fn returned(&mut self, host: Host, unit: UnitKey, outcome: Outcome, token: Token) {
        let receipt = match self.hear(&host, unit) {
            Hearing::No(receipt) => receipt,
            Hearing::Counts(held) => {
                let vote = Vote { host, outcome };
                let change = held.map_or(Change::Heard, |held| self.handed_in(unit, &held, &vote));
                self.count(unit, vote, held, change);
                Receipt::Kept
            }
        };
        self.tell(Tell::Receipt { token, receipt });
    }

    /// Whether a result of this host counts now. A stranger's counts only with its lease.
    fn hear(&mut self, host: &Host, key: UnitKey) -> Hearing {
        let place = Place::of(key);
        let Some(job) = self.jobs.get_mut(&key.job) else { return Hearing::No(Receipt::Gone) };
        let Some(unit) = job.units.get_mut(&place) else {
            // Every slice that was ever leased is an open unit or settled.
            let settled = key.slice < job.row.next_slice;
            return Hearing::No(if settled { Receipt::Late } else { Receipt::Gone });
        };
        if unit.has_vote_of(host) {
            return Hearing::No(Receipt::Kept);
        }
        let held = unit.held.iter().find(|held| held.host.id == host.id).map(|held| held.lease);
        match (host.standing, held) {
            (Standing::Stranger, None) => Hearing::No(Receipt::Late),
            // The host has come under an account that has a voice here, since it took the lease.
            (Standing::Stranger, Some(lease)) if unit.has_voice_of_account(host) => {
                self.end(&[lease], Ending::HandedBack);
                Hearing::No(Receipt::Late)
            }
            (Standing::Stranger | Standing::Own, _) => Hearing::Counts(job.hand_in(place, host.id)),
        }
    }

    /// A copy has come back: it tells how fast its host and job are, and its slot is filled. Says
    /// whether somebody may take the unit now who could not before: who held another copy of the
    /// slot, or who is of the account under which this one was leased, if the vote is of another.
    fn handed_in(&mut self, key: UnitKey, held: &Held, vote: &Vote) -> Change {
        let mut change = if held.host == vote.host { Change::Heard } else { Change::Freed };
        self.detach(held.lease);
        let now = self.now;
        if let Some(host) = self.hosts.get_mut(&held.host.id) {
            host.pace.learn(now, held);
            host.back = now;
        }
        let Some(job) = self.jobs.get_mut(&key.job) else { return change };
        if !job.pace.is_known() {
            // From now on it can be said which copies are slow.
            self.waiting.stir();
        }
        job.pace.learn(now, held);
        if let Some(other) = job.take_slot(Place::of(key), held.slot) {
            let LeaseId { grant, index } = other.lease;
            self.detach(other.lease);
            self.cancel(other.host.id, other.lease);
            if !self.close_if_ended(grant) {
                self.write(Write::LeasesEnd { grant, indices: Vec::from([index]) });
            }
            change = Change::Freed;
        }
        change
    }

    fn count(&mut self, key: UnitKey, vote: Vote, held: Option<Held>, change: Change) {
        let place = Place::of(key);
        let Some(job) = self.jobs.get_mut(&key.job) else { return };
        let Some(unit) = job.units.get_mut(&place) else { return };
        unit.votes.push(vote);
        let (had, expiries) = (unit.trace, unit.expiries);
        unit.trace = Trace::Row;
        if let Some(settlement) = job.review(place, change) {
            self.settle(key, settlement, Some(vote));
        } else {
            self.waiting.stir();
            if had == Trace::Grants {
                self.write(Write::UnitPut { unit: key, expiries });
            }
            self.write(Write::ResultInsert { unit: key, vote });
        }
        if let Some(held) = held {
            self.close_if_ended(held.lease.grant);
        }
    }

    /// Ends a unit: for good, or, if it fails and has more than one document, by splitting it.
    /// Copies of it that are still out are void.
    pub(crate) fn settle(&mut self, key: UnitKey, settlement: Settlement, by: Option<Vote>) {
        let Some(job) = self.jobs.get_mut(&key.job) else { return };
        let Some(unit) = job.remove(Place::of(key)) else { return };
        if let (Settlement::Failed(why), Some(into)) = (settlement, key.docs.halves()) {
            self.write(Write::UnitPut { unit: key, expiries: unit.expiries });
            self.write(Write::UnitSplit { unit: key, into, why, by });
            self.split(key, into);
            return self.void(&unit);
        }
        match settlement {
            Settlement::Merged(_) => job.row.merged = job.row.merged.saturating_add(1),
            Settlement::Failed(_) => job.row.failed = job.row.failed.saturating_add(1),
        }
        self.unit_closed();
        self.job_changed(key.job);
        self.write(Write::UnitSettle { unit: key, settlement, by });
        self.void(&unit);
        self.finish_if_settled(key.job);
    }

    /// Some document of a unit fails, and the others must not: each half is a unit of its own.
    fn split(&mut self, key: UnitKey, into: [DocRange; 2]) {
        let Some(job) = self.jobs.get_mut(&key.job) else { return };
        job.row.splits = job.row.splits.saturating_add(1);
        for docs in into {
            let place = Place { slice: key.slice, docs };
            job.units.insert(place, Unit::new(Trace::Row));
            // A unit without votes is open, whatever the policy.
            let _ = job.review(place, Change::Freed);
        }
        // Two come, one has gone.
        self.units_open += 1;
        self.job_changed(key.job);
        self.waiting.stir();
    }

    /// Ends the leases of a unit that has ended.
    fn void(&mut self, unit: &Unit) {
        for held in &unit.held {
            self.detach(held.lease);
            self.cancel(held.host.id, held.lease);
            self.close_if_ended(held.lease.grant);
        }
    }
}
