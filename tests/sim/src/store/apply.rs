//! How each write changes the model, and what makes it illegal.

use gleaner_engine::effect::{JobRow, JobState, Leased, Write};
use gleaner_engine::event::{Host, Vote};
use gleaner_shared::id::{GrantId, JobId, LeaseId};
use gleaner_shared::limits::{GRANT_UNITS_MAX, HOST_LEASES_MAX};
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Settlement, UnitFailure};

use super::{Counts, GrantRow, LeaseRow, Store, UnitRow};
use crate::driver::Causes;
use crate::invariant::{Illegal, ensure};
use crate::oracle;

impl Store {
    /// One transaction.
    pub(crate) fn commit(&mut self, writes: &[Write], causes: &Causes) -> Result<(), Illegal> {
        self.touched.clear();
        self.put.clear();
        self.reopened.clear();
        let last_grant = self.last_grant;
        for write in writes {
            self.apply(write, causes).map_err(|broken| broken.by(write))?;
        }
        self.check_stated(last_grant, causes)?;
        self.check_batch()
    }

    fn apply(&mut self, write: &Write, causes: &Causes) -> Result<(), Illegal> {
        match write {
            Write::JobPut { job, row } => self.job_put(*job, *row),
            Write::GrantInsert { grant, host, job, units } => {
                self.grant_insert(*grant, *host, *job, units, causes.uptime)
            }
            Write::LeasesEnd { grant, indices } => self.leases_end(*grant, indices, causes),
            Write::GrantEnd(grant) => self.grant_end(*grant, causes),
            Write::UnitPut { unit, expiries } => self.unit_put(*unit, *expiries),
            Write::ResultInsert { unit, vote } => self.result_insert(*unit, *vote),
            Write::UnitSettle { unit, settlement, by } => self.unit_settle(*unit, *settlement, *by),
            Write::UnitSplit { unit, into, why, by } => self.unit_split(*unit, into, *why, *by),
            Write::UnitsReopen(units) => self.units_reopen(units),
            Write::JobClear(job) => self.job_clear(*job),
        }
    }

    fn job_put(&mut self, job: JobId, row: JobRow) -> Result<(), Illegal> {
        ensure!(Store, self.put.insert(job), "job {job} is put twice in a batch");
        if let Some(before) = self.jobs.get(&job) {
            ensure!(Store, before.slices == row.slices, "job {job} changes its slices");
            ensure!(Terms, before.next_slice <= row.next_slice, "job {job} goes back to slices");
            ensure!(Terms, before.generation <= row.generation, "job {job} goes back a generation");
            ensure!(Terms, before.state != JobState::Cancelled, "cancelled job {job} comes back");
        }
        self.jobs.insert(job, row);
        Ok(())
    }

    fn grant_insert(
        &mut self,
        grant: GrantId,
        host: Host,
        job: JobId,
        units: &[Leased],
        since: Time,
    ) -> Result<(), Illegal> {
        ensure!(Terms, grant.0 > self.last_grant, "grant {grant} is used twice");
        ensure!(Bounds, (1..=GRANT_UNITS_MAX).contains(&units.len()), "{} units", units.len());
        self.last_grant = grant.0;
        for (index, &Leased { slice, docs, slot }) in (0..).zip(units) {
            let unit = UnitKey { job, slice, docs };
            ensure!(Late, !self.has_ended(unit), "ended {unit:?} is leased");
            self.check_may_take(unit, host)?;
            self.check_slot(unit, slot, host)?;
            let numbers = self.numbers.entry(job).or_default();
            ensure!(Terms, slice <= numbers.next_slice, "slice {slice} is leased out of order");
            if slice == numbers.next_slice {
                numbers.next_slice += 1;
            } else {
                ensure!(Store, self.is_open(unit), "{unit:?} is leased again, but was not open");
            }
            let row = LeaseRow { lease: LeaseId { grant, index }, host, slot, since };
            self.leases.entry(unit).or_default().push(row);
            self.leases_open += 1;
            self.touched.insert(unit);
        }
        let held = self.held.entry(host.id).or_default();
        *held += units.len();
        ensure!(Bounds, *held <= HOST_LEASES_MAX, "{held} leases of one host");
        self.grants.insert(grant, GrantRow { host, job, units: units.to_vec() });
        Ok(())
    }

    /// One copy a host, and one an account of strangers.
    fn check_may_take(&self, unit: UnitKey, host: Host) -> Result<(), Illegal> {
        let held = self.leases.get(&unit).into_iter().flatten().map(|row| row.host);
        let voted = self.units.get(&unit).into_iter().flat_map(|row| &row.results);
        for other in held.chain(voted.map(|vote| vote.host)) {
            ensure!(OneVoice, other.id != host.id, "{unit:?} goes to the same host again");
            ensure!(
                OneVoice,
                !is_same_stranger(other, host),
                "{unit:?} goes to the same account again"
            );
        }
        Ok(())
    }

    /// A slot is held once, or twice by hosts of one standing; another is only begun if it is of use.
    fn check_slot(&mut self, unit: UnitKey, slot: u8, host: Host) -> Result<(), Illegal> {
        let rows = self.leases.get(&unit).map_or(&[][..], |rows| rows);
        let same: Vec<Host> =
            rows.iter().filter(|row| row.slot == slot).map(|row| row.host).collect();
        if let [other] = same[..] {
            ensure!(
                OneVoice,
                other.standing == host.standing,
                "a slot of {unit:?} is of two standings"
            );
            *self.met.entry("leased twice").or_default() += 1;
            return Ok(());
        }
        ensure!(OneVoice, same.is_empty(), "a slot of {unit:?} is leased a third time");
        let Some(job) = self.jobs.get(&unit.job) else { return Ok(()) };
        let votes = self.units.get(&unit).map_or(&[][..], |unit| &unit.results);
        let wanted = oracle::is_wanted(&job.policy, votes, &self.out(unit), host.standing);
        ensure!(Verdict, wanted, "a further copy of {unit:?} is of no use");
        Ok(())
    }

    fn leases_end(
        &mut self,
        grant: GrantId,
        indices: &[u16],
        causes: &Causes,
    ) -> Result<(), Illegal> {
        ensure!(Store, !indices.is_empty(), "no lease ends");
        for &index in indices {
            let lease = LeaseId { grant, index };
            let unit = self.unit_of(lease);
            self.check_may_end(lease, causes)?;
            ensure!(
                Store,
                unit.is_some_and(|unit| self.lease_remove(unit, lease)),
                "lease {lease} is not open"
            );
        }
        Ok(())
    }

    fn grant_end(&mut self, grant: GrantId, causes: &Causes) -> Result<(), Illegal> {
        let row = self.grants.get(&grant);
        ensure!(Store, row.is_some(), "grant {grant} does not exist");
        let count = row.map_or(0, |row| row.units.len());
        for index in (0..).take(count) {
            let lease = LeaseId { grant, index };
            if let Some(unit) = self.unit_of(lease) {
                self.check_may_end(lease, causes)?;
                self.lease_remove(unit, lease);
            }
        }
        self.grants.remove(&grant);
        Ok(())
    }

    fn unit_put(&mut self, unit: UnitKey, expiries: u8) -> Result<(), Illegal> {
        ensure!(Late, !self.has_ended(unit), "ended {unit:?} gets a row");
        let row = self.units.entry(unit).or_default();
        ensure!(Store, row.expiries <= expiries, "{unit:?} forgets expiries");
        row.expiries = expiries;
        self.touched.insert(unit);
        Ok(())
    }

    fn result_insert(&mut self, unit: UnitKey, vote: Vote) -> Result<(), Illegal> {
        ensure!(Late, !self.has_ended(unit), "ended {unit:?} gets a result");
        self.check_vote(unit, vote)?;
        let votes = self.units.get(&unit).map_or(0, |row| row.results.len());
        if votes >= 2 {
            *self.met.entry("third result undecided").or_default() += 1;
        }
        self.end_lease_of(unit, vote.host)?;
        let row = self.units.get_mut(&unit);
        ensure!(Store, row.is_some(), "{unit:?} has no row for a result");
        if let Some(row) = row {
            row.results.push(vote);
        }
        self.touched.insert(unit);
        Ok(())
    }

    fn unit_settle(
        &mut self,
        unit: UnitKey,
        settlement: Settlement,
        by: Option<Vote>,
    ) -> Result<(), Illegal> {
        self.unit_end(unit, settlement, by)?;
        if let Settlement::Failed(_) = settlement {
            ensure!(Cover, unit.docs.count == 1, "{unit:?} is given up whole");
        }
        self.meet(settlement, by);
        self.settled.insert(unit, settlement);
        let adds = self.truth.adds(unit, settlement);
        let numbers = self.numbers.entry(unit.job).or_default();
        numbers.sum += adds;
        match settlement {
            Settlement::Merged(_) => {
                numbers.merged += 1;
                let merges = self.merges.entry(unit).or_default();
                *merges += 1;
                ensure!(Cover, *merges == 1, "{unit:?} is merged {merges} times");
            }
            Settlement::Failed(_) => numbers.failed += 1,
        }
        Ok(())
    }

    /// An open unit ends as its votes say, whatever comes after it.
    fn unit_end(
        &mut self,
        unit: UnitKey,
        settlement: Settlement,
        by: Option<Vote>,
    ) -> Result<(), Illegal> {
        ensure!(Late, !self.has_ended(unit), "{unit:?} ends twice");
        ensure!(Store, self.is_open(unit), "{unit:?} ends, but was not open");
        if let Some(vote) = by {
            self.check_vote(unit, vote)?;
            self.end_lease_of(unit, vote.host)?;
        }
        let row = self.units.remove(&unit).unwrap_or_default();
        self.check_settlement(unit, settlement, &row, by)?;
        for row in self.leases.get(&unit).cloned().unwrap_or_default() {
            self.lease_remove(unit, row.lease);
        }
        self.touched.insert(unit);
        Ok(())
    }

    /// Two units come for one. That they cover it is checked with all that its slice has.
    fn unit_split(
        &mut self,
        unit: UnitKey,
        into: &[DocRange],
        why: UnitFailure,
        by: Option<Vote>,
    ) -> Result<(), Illegal> {
        ensure!(Store, self.units.contains_key(&unit), "{unit:?} is split without a row");
        self.unit_end(unit, Settlement::Failed(why), by)?;
        self.split.insert(unit);
        self.numbers.entry(unit.job).or_default().splits += 1;
        *self.met.entry("split").or_default() += 1;
        for &docs in into {
            let part = UnitKey { docs, ..unit };
            ensure!(Cover, !self.has_ended(part) && !self.is_open(part), "{part:?} comes twice");
            self.units.insert(part, UnitRow::default());
            self.touched.insert(part);
        }
        Ok(())
    }

    /// Counts what kinds of settlement there are.
    fn meet(&mut self, settlement: Settlement, by: Option<Vote>) {
        let name = match (settlement, by.map(|vote| vote.host.standing)) {
            (Settlement::Merged(_), Some(Standing::Own)) => "merged by an own host",
            (Settlement::Merged(_), Some(Standing::Stranger)) => "merged by strangers",
            (Settlement::Merged(_), None) => "merged when a lease ended",
            (Settlement::Failed(UnitFailure::App(_)), _) => "failed in the app",
            (Settlement::Failed(UnitFailure::NotDeterministic), _) => "not deterministic",
            (Settlement::Failed(UnitFailure::NoMajority), _) => "no majority",
            (Settlement::Failed(UnitFailure::Expired), _) => "expired",
        };
        *self.met.entry(name).or_default() += 1;
    }

    /// Settlements of failed units go. Leases of these units that had ended with the settlement stay
    /// ended, though their grants may be open: here they were dropped for good.
    fn units_reopen(&mut self, units: &[UnitKey]) -> Result<(), Illegal> {
        for &unit in units {
            let before = self.settled.remove(&unit);
            ensure!(
                Store,
                matches!(before, Some(Settlement::Failed(_))),
                "{unit:?} was {before:?}"
            );
            self.numbers.entry(unit.job).or_default().failed -= 1;
            *self.met.entry("reopened").or_default() += 1;
            self.units.insert(unit, UnitRow::default());
            self.reopened.insert(unit);
            self.touched.insert(unit);
        }
        Ok(())
    }

    fn job_clear(&mut self, job: JobId) -> Result<(), Illegal> {
        self.units.retain(|unit, _| unit.job != job);
        self.touched.retain(|unit| unit.job != job);
        let open: Vec<(UnitKey, LeaseId)> = self
            .leases
            .iter()
            .filter(|(unit, _)| unit.job == job)
            .flat_map(|(unit, leases)| leases.iter().map(|row| (*unit, row.lease)))
            .collect();
        for (unit, lease) in open {
            self.lease_remove(unit, lease);
        }
        self.grants.retain(|_, grant| grant.job != job);
        *self.met.entry("cleared").or_default() += 1;
        Ok(())
    }

    pub(super) fn unit_of(&self, lease: LeaseId) -> Option<UnitKey> {
        let grant = self.grants.get(&lease.grant)?;
        let &Leased { slice, docs, .. } = grant.units.get(usize::from(lease.index))?;
        Some(UnitKey { job: grant.job, slice, docs })
    }

    /// A result fills the slot of its lease, which nobody else holds any more.
    fn end_lease_of(&mut self, unit: UnitKey, host: Host) -> Result<(), Illegal> {
        let rows = self.leases.get(&unit).map_or(&[][..], |rows| rows);
        if let Some(row) = rows.iter().find(|row| row.host.id == host.id).copied() {
            let holders = rows.iter().filter(|other| other.slot == row.slot).count();
            ensure!(OneVoice, holders == 1, "a slot of {unit:?} is filled, and {holders} hold it");
            self.lease_remove(unit, row.lease);
        }
        Ok(())
    }

    /// Ends an open lease; false if it was not open.
    fn lease_remove(&mut self, unit: UnitKey, lease: LeaseId) -> bool {
        let Some(leases) = self.leases.get_mut(&unit) else { return false };
        let Some(at) = leases.iter().position(|row| row.lease == lease) else { return false };
        let host = leases.swap_remove(at).host;
        self.leases_open -= 1;
        if leases.is_empty() {
            self.leases.remove(&unit);
        }
        if let Some(held) = self.held.get_mut(&host.id) {
            *held -= 1;
        }
        self.touched.insert(unit);
        true
    }

    /// A vote: one a host and account, and a stranger's only with an open lease.
    fn check_vote(&self, unit: UnitKey, vote: Vote) -> Result<(), Illegal> {
        let host = vote.host;
        for other in self.units.get(&unit).into_iter().flat_map(|row| &row.results) {
            ensure!(OneVoice, other.host.id != host.id, "{unit:?} has two votes of a host");
            ensure!(
                OneVoice,
                !is_same_stranger(other.host, host),
                "{unit:?} has two votes of an account"
            );
        }
        let mut leases = self.leases.get(&unit).into_iter().flatten();
        ensure!(
            Late,
            host.standing == Standing::Own || leases.any(|row| row.host.id == host.id),
            "{unit:?} has a vote of a stranger without a lease"
        );
        Ok(())
    }

    /// Whether a unit is open: it has a row or somebody holds a copy.
    pub(crate) fn is_open(&self, unit: UnitKey) -> bool {
        self.units.contains_key(&unit) || self.leases.contains_key(&unit)
    }

    pub(crate) fn counts(&self, job: JobId) -> Counts {
        self.numbers.get(&job).copied().unwrap_or_default()
    }
}

fn is_same_stranger(one: Host, other: Host) -> bool {
    one.standing == Standing::Stranger
        && other.standing == Standing::Stranger
        && one.account == other.account
}

/// Whether a failure is one of leases, not of results.
pub(super) fn is_expiry(settlement: Settlement) -> bool {
    settlement == Settlement::Failed(UnitFailure::Expired)
}
