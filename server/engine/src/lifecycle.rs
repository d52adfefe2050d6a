//! What happens to a job as a whole, from its opening to its end.
//!
//! A paused job whose last open unit is settled goes on to its finish step at once: nothing is left
//! that a pause could hold back.

use alloc::vec::Vec;

use gleaner_shared::id::JobId;
use gleaner_shared::policy::Policy;
use gleaner_shared::unit::UnitKey;

use crate::effect::{JobRow, JobState, Tell, Write};
use crate::engine::Engine;
use crate::job::{Change, Job, Slices};
use crate::unit::{Place, Trace, Unit};

impl Engine {
    pub(crate) fn job_opened(&mut self, id: JobId, policy: Policy, slices: u32) {
        if self.jobs.contains_key(&id) {
            return;
        }
        let row = JobRow {
            policy,
            state: JobState::Running,
            slices,
            next_slice: 0,
            merged: 0,
            failed: 0,
            splits: 0,
            generation: 0,
        };
        self.jobs.insert(id, Job::new(row));
        self.job_changed(id);
        self.refill(id);
        self.finish_if_settled(id);
    }

    pub(crate) fn job_paused(&mut self, id: JobId) {
        self.change_state(id, JobState::Running, JobState::Paused);
    }

    pub(crate) fn job_resumed(&mut self, id: JobId) {
        self.change_state(id, JobState::Paused, JobState::Running);
        self.waiting.stir();
        self.refill(id);
    }

    /// Every open unit is dropped, and with it every lease.
    pub(crate) fn job_cancelled(&mut self, id: JobId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if job.row.state == JobState::Done {
            return;
        }
        job.row.state = JobState::Cancelled;
        let held = job.units.values().flat_map(|unit| &unit.held);
        let held: Vec<_> = held.map(|held| (held.host.id, held.lease)).collect();
        self.write(Write::JobClear(id));
        for (host, lease) in held {
            self.detach(lease);
            self.cancel(host, lease);
            // The grant's row goes with the job.
            if self.grants.get(&lease.grant).is_some_and(|grant| grant.open == 0) {
                self.grants.remove(&lease.grant);
                self.grant_forgotten(host, lease.grant);
            }
        }
        self.forget(id);
    }

    /// A done job comes back so that it can be retried.
    pub(crate) fn job_restored(&mut self, id: JobId, row: JobRow) {
        if row.state == JobState::Done && !self.jobs.contains_key(&id) {
            self.jobs.insert(id, Job::new(row));
            // Its row is put, and it is forgotten again, at the end of the batch.
            self.job_changed(id);
        }
    }

    /// Failed units are open again. While the finish step runs this is ignored: its end could not
    /// be told from that of the next one.
    pub(crate) fn job_retried(&mut self, id: JobId, units: &[UnitKey]) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if matches!(job.row.state, JobState::Finishing | JobState::Cancelled) {
            return;
        }
        let mut reopened = Vec::new();
        for &key in units {
            let place = Place::of(key);
            if key.job == id
                && key.slice < job.row.next_slice
                && job.row.failed > 0
                && !job.units.contains_key(&place)
            {
                job.row.failed -= 1;
                job.units.insert(place, Unit::new(Trace::Row));
                // A unit without votes is open, whatever the policy.
                let _ = job.review(place, Change::Freed);
                reopened.push(key);
            }
        }
        if reopened.is_empty() {
            return;
        }
        if job.row.state == JobState::Done {
            job.row.state = JobState::Running;
        }
        self.units_open += reopened.len();
        self.write(Write::UnitsReopen(reopened));
        self.job_changed(id);
        self.waiting.stir();
    }

    pub(crate) fn slices_read(&mut self, id: JobId, first: u32, docs: &[u32]) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.slices_read(first, docs);
            self.waiting.stir();
            self.refill(id);
        }
    }

    pub(crate) fn job_finished(&mut self, id: JobId) {
        // It is forgotten at the end of the batch.
        self.change_state(id, JobState::Finishing, JobState::Done);
    }

    /// Asks for more slices if the job's window runs low.
    pub(crate) fn refill(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get_mut(&id)
            && let Some(Slices { first, count }) = job.slices_to_read()
        {
            self.tell(Tell::ReadSlices { job: id, first, count });
        }
    }

    /// Starts the finish step of a job whose last unit is settled.
    pub(crate) fn finish_if_settled(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get_mut(&id)
            && matches!(job.row.state, JobState::Running | JobState::Paused)
            && job.is_settled()
        {
            job.row.state = JobState::Finishing;
            job.row.generation += 1;
            let generation = job.row.generation;
            self.job_changed(id);
            self.tell(Tell::Finish { job: id, generation });
        }
    }

    fn change_state(&mut self, id: JobId, from: JobState, to: JobState) {
        if let Some(job) = self.jobs.get_mut(&id)
            && job.row.state == from
        {
            job.row.state = to;
            self.job_changed(id);
        }
    }
}
