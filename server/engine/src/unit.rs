//! One open unit: who has voted, who holds a copy, what it still wants.
//!
//! A settled unit is not held here: it is gone from its job.

use alloc::vec::Vec;

use gleaner_shared::id::{JobId, LeaseId};
use gleaner_shared::measure::Time;
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::unit::{DocRange, UnitKey};

use crate::event::{Host, Vote};
use crate::line::Spots;
use crate::verdict::{self, Out, Verdict};

/// A unit within its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) slice: u32,
    pub(crate) docs: DocRange,
}

impl Place {
    pub(crate) fn of(unit: UnitKey) -> Self {
        Self { slice: unit.slice, docs: unit.docs }
    }

    pub(crate) fn in_job(self, job: JobId) -> UnitKey {
        UnitKey { job, slice: self.slice, docs: self.docs }
    }
}

/// What the store has of an open unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// Only the grants of its open leases.
    Grants,
    /// A row of its own.
    Row,
}

/// A copy that a host holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) lease: LeaseId,
    /// The host as it was when the lease was given.
    pub(crate) host: Host,
    /// Which of the unit's copies it is. Two that are the same fill one slot: the first result does,
    /// and the other copy is void.
    pub(crate) slot: u8,
    /// When it was given.
    pub(crate) since: Time,
    /// After how many rounds of the host's threads it comes, itself included.
    pub(crate) rounds: u16,
}

/// An open unit.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) trace: Trace,
    pub(crate) expiries: u8,
    pub(crate) votes: Vec<Vote>,
    pub(crate) held: Vec<Held>,
    pub(crate) spots: Spots,
    pub(crate) counted: Tally,
}

/// Numbers of open units, shown on status pages. Also what one unit adds to them: 0 or 1 each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Some host holds a copy.
    pub(crate) leased: usize,
    /// Some result counts.
    pub(crate) checking: usize,
    /// A stranger of another account is wanted.
    pub(crate) wants_account: usize,
    /// A second own host is wanted.
    pub(crate) wants_own: usize,
}

impl Unit {
    pub(crate) fn new(trace: Trace) -> Self {
        Self {
            trace,
            expiries: 0,
            votes: Vec::new(),
            held: Vec::new(),
            spots: [None; 3],
            counted: Tally::default(),
        }
    }

    /// The slots that hosts may still fill.
    pub(crate) fn out(&self) -> Out {
        let mut out = Out::default();
        for (at, held) in self.held.iter().enumerate() {
            let is_spare = self.held[..at].iter().any(|other| other.slot == held.slot);
            match held.host.standing {
                _ if is_spare => {}
                Standing::Own => out.own += 1,
                Standing::Stranger => out.strangers += 1,
            }
        }
        out
    }

    /// The least slot that nobody holds.
    pub(crate) fn free_slot(&self) -> u8 {
        let is_free = |slot: &u8| self.held.iter().all(|held| held.slot != *slot);
        (0..u8::MAX).find(is_free).unwrap_or(u8::MAX)
    }

    pub(crate) fn judge(&self, policy: &Policy) -> Verdict {
        verdict::judge(policy, &self.votes, self.out())
    }

    pub(crate) fn has_vote_of(&self, host: &Host) -> bool {
        self.votes.iter().any(|vote| vote.host.id == host.id)
    }

    /// Whether another stranger of the same account has voted.
    pub(crate) fn has_voice_of_account(&self, host: &Host) -> bool {
        self.votes.iter().any(|vote| is_same_stranger(&vote.host, host))
    }

    /// Whether the host may hold a copy: one a host, and one an account of strangers.
    pub(crate) fn may_be_taken_by(&self, host: &Host) -> bool {
        let mut voices =
            self.votes.iter().map(|vote| &vote.host).chain(self.held.iter().map(|held| &held.host));
        voices.all(|voice| voice.id != host.id && !is_same_stranger(voice, host))
    }

    /// Whether a host of this standing has voted or holds a copy.
    pub(crate) fn is_touched_by(&self, standing: Standing) -> bool {
        self.votes.iter().any(|vote| vote.host.standing == standing)
            || self.held.iter().any(|held| held.host.standing == standing)
    }
}

fn is_same_stranger(one: &Host, other: &Host) -> bool {
    one.standing == Standing::Stranger
        && other.standing == Standing::Stranger
        && one.account == other.account
}
