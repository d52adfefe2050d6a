//! Writes put together so that each kind is one statement over many rows.
//!
//! Within a stage the kinds apply in a fixed order: jobs, reopened, units, results, grants, leases
//! that end, settlements, splits, grants that end, a job cleared. A write that this order would carry
//! past another of the same unit begins a new stage.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_engine::effect::{JobRow, Leased, Write};
use gleaner_engine::event::{Host, Vote};
use gleaner_shared::id::{GrantId, JobId};
use gleaner_shared::limits::GRANT_UNITS_MAX;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Settlement, UnitFailure};

/// Ended leases are bits of one integer.
const _: () = assert!(GRANT_UNITS_MAX <= 64);

/// A grant to insert.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) grant: GrantId,
    pub(super) host: Host,
    pub(super) job: JobId,
    pub(super) units: Vec<Leased>,
}

/// How a unit is split.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) into: [DocRange; 2],
    pub(super) why: UnitFailure,
    pub(super) by: Option<Vote>,
}

/// Writes that apply together.
#[derive(Debug, Default)]
pub(super) struct Stage {
    pub(super) jobs: BTreeMap<JobId, JobRow>,
    pub(super) reopened: BTreeSet<UnitKey>,
    pub(super) units: BTreeMap<UnitKey, u8>,
    pub(super) results: Vec<(UnitKey, Vote)>,
    pub(super) grants: Vec<Grant>,
    /// Bit i is set if lease i has ended.
    pub(super) leases_ended: BTreeMap<GrantId, u64>,
    pub(super) settled: BTreeMap<UnitKey, (Settlement, Option<Vote>)>,
    pub(super) split: BTreeMap<UnitKey, Split>,
    pub(super) grants_ended: BTreeSet<GrantId>,
    pub(super) cleared: Option<JobId>,
}

impl Stage {
    /// All writes of a batch, in as few stages as their order allows.
    pub(super) fn all(writes: Vec<Write>) -> Vec<Self> {
        let mut done = Vec::new();
        let mut stage = Self::default();
        for write in writes {
            if !stage.takes(&write) {
                done.push(std::mem::take(&mut stage));
            }
            stage.push(write);
        }
        done.push(stage);
        done
    }

    /// Results that are inserted, whose bytes are kept.
    pub(super) fn results_kept(&self) -> impl Iterator<Item = &(UnitKey, Vote)> {
        self.results.iter().filter(|(unit, _)| !self.ends(unit))
    }

    /// Whether this stage settles or splits the unit.
    pub(super) fn ends(&self, unit: &UnitKey) -> bool {
        self.settled.contains_key(unit) || self.split.contains_key(unit)
    }

    /// Whether the unit is, after this stage, another than a write before its end would find it.
    fn is_past(&self, unit: &UnitKey) -> bool {
        self.ends(unit) || (!self.split.is_empty() && self.parts().any(|part| part == *unit))
    }

    fn takes(&self, write: &Write) -> bool {
        if self.cleared.is_some() {
            return false;
        }
        match write {
            Write::UnitPut { unit, .. }
            | Write::ResultInsert { unit, .. }
            | Write::UnitSettle { unit, .. }
            | Write::UnitSplit { unit, .. } => !self.is_past(unit),
            Write::UnitsReopen(units) => {
                !units.iter().any(|unit| self.is_past(unit) || self.units.contains_key(unit))
            }
            Write::GrantInsert { job, units, .. } => {
                self.settled.is_empty()
                    || !units.iter().any(|&Leased { slice, docs, .. }| {
                        self.settled.contains_key(&UnitKey { job: *job, slice, docs })
                    })
            }
            Write::JobPut { .. }
            | Write::LeasesEnd { .. }
            | Write::GrantEnd(_)
            | Write::JobClear(_) => true,
        }
    }

    fn push(&mut self, write: Write) {
        match write {
            Write::JobPut { job, row } => {
                self.jobs.insert(job, row);
            }
            Write::GrantInsert { grant, host, job, units } => {
                self.grants.push(Grant { grant, host, job, units });
            }
            Write::LeasesEnd { grant, indices } => {
                let ended = self.leases_ended.entry(grant).or_default();
                for index in indices {
                    *ended |= 1_u64.checked_shl(u32::from(index)).unwrap_or(0);
                }
            }
            Write::GrantEnd(grant) => {
                self.grants_ended.insert(grant);
            }
            Write::UnitPut { unit, expiries } => {
                self.units.insert(unit, expiries);
            }
            Write::ResultInsert { unit, vote } => self.results.push((unit, vote)),
            Write::UnitSettle { unit, settlement, by } => {
                self.settled.insert(unit, (settlement, by));
            }
            Write::UnitSplit { unit, into, why, by } => {
                self.split.insert(unit, Split { into, why, by });
            }
            Write::UnitsReopen(units) => self.reopened.extend(units),
            Write::JobClear(job) => self.cleared = Some(job),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> UnitKey {
        UnitKey { job: JobId(1), slice: 0, docs: DocRange { first: 0, count: 4 } }
    }

    fn unit(number: u32) -> UnitKey {
        match (number, whole().docs.halves().unwrap()) {
            (3, _) => whole(),
            (1, [docs, _]) | (2, [_, docs]) => UnitKey { docs, ..whole() },
            _ => panic!("there are three units"),
        }
    }

    fn write(code: &str) -> Write {
        let (kind, number) = code.split_at(1);
        let unit = unit(number.parse().unwrap());
        match kind {
            "p" => Write::UnitPut { unit, expiries: 0 },
            "r" => Write::UnitsReopen(vec![unit]),
            "c" => Write::JobClear(unit.job),
            // Number 3 is made of 1 and 2, of two documents each.
            "x" => {
                let into = whole().docs.halves().unwrap();
                Write::UnitSplit { unit: whole(), into, why: UnitFailure::Expired, by: None }
            }
            _ => {
                let settlement = Settlement::Failed(UnitFailure::Expired);
                Write::UnitSettle { unit, settlement, by: None }
            }
        }
    }

    fn check(writes: &str, stages: usize) {
        let writes = writes.split_whitespace().map(write).collect();
        assert_eq!(Stage::all(writes).len(), stages);
    }

    #[test]
    fn what_keeps_its_order_goes_together() {
        check("p1 s1 p2 s2 p3", 1);
        check("r1 p1 s1", 1);
        check("p3 x3", 1);
    }

    #[test]
    fn what_would_change_places_begins_a_new_stage() {
        check("s1 r1", 2);
        check("s1 p1 s1", 2);
        check("s1 s1", 2);
        check("c1 p1", 2);
        check("p1 c1", 1);
        check("p3 x3 p1", 2);
        check("x3 s2", 2);
        check("x3 p3", 2);
    }
}
