//! What must hold of the model after every batch, and of every settlement.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_engine::effect::{JobRow, JobState};
use gleaner_engine::event::{Host, Vote};
use gleaner_shared::id::{GrantId, JobId, LeaseId};
use gleaner_shared::limits::UNIT_EXPIRIES_MAX;
use gleaner_shared::measure::Millis;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Outcome, Settlement, UnitFailure};

use super::apply::is_expiry;
use super::{Store, UnitRow};
use crate::driver::Causes;
use crate::invariant::{Illegal, broken, ensure};
use crate::oracle;
use crate::truth::{Kind, docs_of, host_id};

impl Store {
    /// Checks what the batch has touched.
    pub(super) fn check_batch(&mut self) -> Result<(), Illegal> {
        for &unit in &self.touched {
            self.check_unit(unit)?;
        }
        let slices: BTreeSet<(JobId, u32)> =
            self.touched.iter().map(|unit| (unit.job, unit.slice)).collect();
        for (job, slice) in slices {
            self.check_cover(job, slice)?;
        }
        let jobs: Vec<JobId> =
            self.put.iter().copied().chain(self.touched.iter().map(|unit| unit.job)).collect();
        for job in jobs {
            self.check_job(job)?;
        }
        Ok(())
    }

    /// Each document of a slice that was ever leased is in exactly one unit that is open or settled.
    fn check_cover(&self, job: JobId, slice: u32) -> Result<(), Illegal> {
        if self.jobs.get(&job).is_none_or(|row| row.state == JobState::Cancelled) {
            return Ok(());
        }
        let of = |first, count| UnitKey { job, slice, docs: DocRange { first, count } };
        let all = of(0, 0)..=of(u32::MAX, u32::MAX);
        let units: BTreeSet<UnitKey> = self
            .settled
            .range(all.clone())
            .map(|(unit, _)| *unit)
            .chain(self.units.range(all.clone()).map(|(unit, _)| *unit))
            .chain(self.leases.range(all).map(|(unit, _)| *unit))
            .collect();
        let mut documents = vec![0; docs_of(slice) as usize];
        for unit in units {
            for position in unit.docs.first..unit.docs.end() {
                let document = documents.get_mut(position as usize);
                let document = document.ok_or_else(|| {
                    broken!(Cover, "{unit:?} has document {position}, which is not there")
                })?;
                *document += 1;
            }
        }
        let position = documents.iter().position(|units| *units != 1);
        ensure!(
            Cover,
            position.is_none(),
            "documents of slice {slice} of job {job} are in so many units: {documents:?}"
        );
        Ok(())
    }

    /// A unit is settled, split, or open with a trace and rightly undecided: one of these.
    fn check_unit(&self, unit: UnitKey) -> Result<(), Illegal> {
        let Some(row) = self.jobs.get(&unit.job) else {
            return Err(broken!(Store, "{unit:?} has no job"));
        };
        if row.state == JobState::Cancelled {
            return Ok(());
        }
        let settled = self.settled.contains_key(&unit);
        let (open, split) = (self.is_open(unit), self.split.contains(&unit));
        ensure!(
            Cover,
            u8::from(settled) + u8::from(open) + u8::from(split) == 1,
            "{unit:?} before slice {} is settled: {settled}, open: {open}, split: {split}",
            row.next_slice
        );
        ensure!(
            Terms,
            unit.slice < row.next_slice,
            "{unit:?} is not before slice {}",
            row.next_slice
        );
        let votes = self.units.get(&unit).map_or(&[][..], |unit| &unit.results);
        let verdict = oracle::expected(&row.policy, votes, &self.out(unit));
        ensure!(Verdict, !open || verdict.is_none(), "{unit:?} is open, but should be {verdict:?}");
        Ok(())
    }

    /// A job's row says what is so.
    fn check_job(&self, job: JobId) -> Result<(), Illegal> {
        let Some(row) = self.jobs.get(&job) else { return Ok(()) };
        if row.state == JobState::Cancelled {
            ensure!(
                Whole,
                !self.grants.values().any(|grant| grant.job == job),
                "grants of job {job}"
            );
            return Ok(());
        }
        let counts = self.counts(job);
        ensure!(
            Whole,
            (row.merged, row.failed, row.splits, row.next_slice)
                == (counts.merged, counts.failed, counts.splits, counts.next_slice),
            "job {job} has {row:?}, but there are {counts:?}"
        );
        let whole = counts.merged + counts.failed == row.slices + row.splits;
        let ended = matches!(row.state, JobState::Finishing | JobState::Done);
        ensure!(
            Whole,
            !ended || whole,
            "job {job} is {:?} with {counts:?} of {}",
            row.state,
            row.slices
        );
        Ok(())
    }

    /// A settlement is what the votes say, and true if liars are too few to make it false.
    pub(super) fn check_settlement(
        &self,
        unit: UnitKey,
        settlement: Settlement,
        row: &UnitRow,
        by: Option<Vote>,
    ) -> Result<(), Illegal> {
        let Some(job) = self.jobs.get(&unit.job) else {
            return Err(broken!(Store, "{unit:?} has no job"));
        };
        let votes: Vec<Vote> = row.results.iter().copied().chain(by).collect();
        let out = self.out(unit);
        let expected = oracle::expected(&job.policy, &votes, &out);
        if is_expiry(settlement) {
            ensure!(Verdict, row.expiries >= UNIT_EXPIRIES_MAX, "{unit:?} expired too early");
            ensure!(Verdict, expected.is_none(), "{unit:?} expires, but should be {expected:?}");
            return Ok(());
        }
        ensure!(
            Verdict,
            Some(settlement) == expected,
            "{unit:?} is settled {settlement:?}, but should be {expected:?} with {votes:?} and \
             {out:?} out"
        );
        if let Settlement::Merged(digest) = settlement {
            let records = Outcome::Records(digest);
            ensure!(
                Verdict,
                by.map_or_else(
                    || votes.iter().any(|vote| vote.outcome == records),
                    |vote| vote.outcome == records
                ),
                "{unit:?} is merged without its records"
            );
        }
        self.check_truth(unit, settlement, usize::from(job.policy.copies))
    }

    fn check_truth(
        &self,
        unit: UnitKey,
        settlement: Settlement,
        copies: usize,
    ) -> Result<(), Illegal> {
        if self.liars >= copies {
            return Ok(());
        }
        let honest = self.truth.honest(unit, host_id(0));
        let right = match (self.truth.kind(unit), settlement) {
            (Kind::Sound, Settlement::Merged(digest)) => honest == Outcome::Records(digest),
            (Kind::Crashing, Settlement::Merged(_)) => false,
            (_, Settlement::Failed(UnitFailure::App(class))) => honest == Outcome::Failed(class),
            (Kind::Sound | Kind::Crashing, Settlement::Failed(UnitFailure::NotDeterministic)) => {
                false
            }
            (_, _) => true,
        };
        ensure!(Truth, right, "{unit:?} is settled {settlement:?}, which is a lie");
        Ok(())
    }

    /// Who holds a copy; a copy leased twice is one.
    pub(crate) fn out(&self, unit: UnitKey) -> Vec<Host> {
        let rows = self.leases.get(&unit).into_iter().flatten();
        let slots: BTreeMap<u8, Host> = rows.map(|row| (row.slot, row.host)).collect();
        slots.into_values().collect()
    }

    /// What was added up, batch by batch, is what the merged units add up; and of a job that is done,
    /// what all documents add up that are not listed as failed.
    fn check_sums(&self, job: JobId, row: &JobRow) -> Result<(), Illegal> {
        let counts = self.counts(job);
        let of_job = || self.settled.iter().filter(|(unit, _)| unit.job == job);
        let merged: u64 =
            of_job().map(|(unit, settlement)| self.truth.adds(*unit, *settlement)).sum();
        ensure!(Whole, counts.sum == merged, "job {job}: {} merged, {merged} settled", counts.sum);
        if row.state != JobState::Done || self.liars >= usize::from(row.policy.copies) {
            return Ok(());
        }
        let failed = of_job().filter(|(_, how)| matches!(how, Settlement::Failed(_)));
        let failed: BTreeSet<(u32, u32)> =
            failed.map(|(unit, _)| (unit.slice, unit.docs.first)).collect();
        let documents = (0..row.slices)
            .flat_map(|slice| (0..docs_of(slice)).map(move |position| (slice, position)));
        let good = documents.filter(|document| !failed.contains(document));
        let sum: u64 = good.map(|(slice, position)| self.truth.weight(job, slice, position)).sum();
        ensure!(
            Counters,
            counts.sum == sum,
            "job {job}: {} merged, {sum} in the corpus",
            counts.sum
        );
        Ok(())
    }

    /// A lease that is open ends by its holder's word, by a result of its unit, or after its time.
    pub(super) fn check_may_end(&self, lease: LeaseId, causes: &Causes) -> Result<(), Illegal> {
        let Some(unit) = self.unit_of(lease) else { return Ok(()) };
        let mut rows = self.leases.get(&unit).into_iter().flatten();
        let Some(row) = rows.find(|row| row.lease == lease) else { return Ok(()) };
        let deadline = self.jobs.get(&unit.job).map_or(Millis(0), |job| job.policy.deadline);
        let age = causes.uptime - row.since;
        let spoke = causes.hosts.contains(&row.host.id) || causes.units.contains(&unit);
        ensure!(Leases, spoke || age >= deadline, "lease {lease} ends for nothing after {age:?}");
        Ok(())
    }

    /// Who connects keeps of its leases from before those that it states: a clone with the same key
    /// does not hold for the other.
    pub(super) fn check_stated(&self, last_grant: u64, causes: &Causes) -> Result<(), Illegal> {
        for (host, stated) in &causes.stated {
            let grants = self.grants.range(..=GrantId(last_grant));
            for (&grant, row) in grants.filter(|(_, row)| row.host.id == *host) {
                let mut leases = (0..).zip(&row.units).map(|(index, _)| LeaseId { grant, index });
                let kept =
                    leases.find(|lease| !stated.contains(lease) && self.is_lease_open(*lease));
                ensure!(
                    Leases,
                    kept.is_none(),
                    "{kept:?} is kept for {host:?}, who did not state it"
                );
            }
        }
        Ok(())
    }

    /// Checks everything, slice by slice.
    pub(crate) fn check_all(&self) -> Result<(), Illegal> {
        for (&job, row) in &self.jobs {
            self.check_job(job)?;
            if row.state == JobState::Cancelled {
                continue;
            }
            for slice in 0..row.next_slice {
                self.check_cover(job, slice)?;
            }
            self.check_sums(job, row)?;
        }
        let open = self.units.keys().chain(self.leases.keys());
        for &unit in self.settled.keys().chain(&self.split).chain(open) {
            self.check_unit(unit)?;
        }
        for (unit, merges) in &self.merges {
            ensure!(Cover, *merges == 1, "{unit:?} was merged {merges} times");
        }
        Ok(())
    }
}
