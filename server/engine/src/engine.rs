//! The engine as its driver sees it: events in, effects out.
//!
//! A batch is: [`Engine::handle`] for each event, [`Engine::flush`] once, then
//! [`Engine::poll_effect`] until there is none. Then the driver commits the writes in one
//! transaction, and only after that it tells what is to be told.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, HostId, JobId, LeaseId};
use gleaner_shared::limits::UNITS_OPEN_MAX;
use gleaner_shared::measure::Time;

use crate::connect::KnownHost;
use crate::effect::{Effect, JobRow, JobState, Tell, Write};
use crate::event::Event;
use crate::job::Job;
use crate::lease::Grant;
use crate::waiting::Waiting;

/// Every decision of the server. See the crate's and this module's documentation.
#[derive(Debug, Default)]
pub struct Engine {
    pub(crate) now: Time,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) hosts: BTreeMap<HostId, KnownHost>,
    pub(crate) grants: BTreeMap<GrantId, Grant>,
    /// When which lease runs out.
    pub(crate) deadlines: BTreeSet<(Time, LeaseId)>,
    pub(crate) last_grant: u64,
    /// Open units of all jobs.
    pub(crate) units_open: usize,
    pub(crate) waiting: Waiting,
    /// Threads of all connected hosts.
    pub(crate) threads: usize,
    /// What the job that was served last had been given before: no job starts behind it.
    pub(crate) served: u64,
    /// Jobs whose row is to be put at the end of the batch.
    changed: BTreeSet<JobId>,
    /// Last rows of jobs that were forgotten in this batch.
    forgotten: BTreeMap<JobId, JobRow>,
    cancels: BTreeMap<HostId, Vec<LeaseId>>,
    writes: VecDeque<Write>,
    tells: VecDeque<Tell>,
}

impl Engine {
    /// An engine of an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event. Time that goes backwards stands still. Never panics, whatever comes in
    /// whatever order: what no longer makes sense is ignored, or answered so.
    pub fn handle(&mut self, now: Time, event: Event) {
        self.now = self.now.max(now);
        self.expire();
        self.waiting.pass(self.now);
        match event {
            Event::JobOpened { job, policy, slices } => self.job_opened(job, policy, slices),
            Event::JobPaused(job) => self.job_paused(job),
            Event::JobResumed(job) => self.job_resumed(job),
            Event::JobCancelled(job) => self.job_cancelled(job),
            Event::JobRestored { job, row } => self.job_restored(job, row),
            Event::JobRetried { job, units } => self.job_retried(job, &units),
            Event::SlicesRead { job, first, docs } => self.slices_read(job, first, &docs),
            Event::Finished(job) => self.job_finished(job),
            Event::HostConnected { host, threads, leases } => {
                self.host_connected(host, threads, &leases);
            }
            Event::HostLost(host) => self.host_lost(host),
            Event::HostBanned(host) => self.host_banned(host),
            Event::Wanted { host, request, units } => self.wanted(host, request, units),
            Event::Renewed { host, leases } => self.renew(host, &leases),
            Event::Released { host, leases } => self.release(host, &leases),
            Event::Returned { host, unit, outcome, token } => {
                self.returned(host, unit, outcome, token);
            }
            Event::Ticked => {}
        }
    }

    /// Ends a batch: held requests get work, and the rows of changed jobs are written.
    pub fn flush(&mut self) {
        self.match_requests();
        for (host, leases) in core::mem::take(&mut self.cancels) {
            self.tells.push_back(Tell::Cancel { host, leases });
        }
        let done: Vec<JobId> = self
            .changed
            .iter()
            .copied()
            .filter(|job| self.jobs.get(job).is_some_and(|job| job.row.state == JobState::Done))
            .collect();
        for job in done {
            self.forget(job);
        }
        for job in core::mem::take(&mut self.changed) {
            let row = self.jobs.get(&job).map(|job| job.row);
            if let Some(row) = row.or_else(|| self.forgotten.get(&job).copied()) {
                self.writes.push_back(Write::JobPut { job, row });
            }
        }
        self.forgotten.clear();
    }

    /// The next effect: all writes of the batch, then all that is told after their commit.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let write = self.writes.pop_front().map(Effect::Write);
        write.or_else(|| self.tells.pop_front().map(Effect::Tell))
    }

    /// When the driver should say [`Event::Ticked`], unless another event comes before.
    pub fn next_deadline(&self) -> Option<Time> {
        let deadline = self.deadlines.first().map(|(time, _)| *time);
        deadline.into_iter().chain(self.waiting.next_look(self.now)).min()
    }

    pub(crate) fn write(&mut self, write: Write) {
        self.writes.push_back(write);
    }

    pub(crate) fn tell(&mut self, tell: Tell) {
        self.tells.push_back(tell);
    }

    /// Tells a connected host, at the end of the batch, that a lease is void.
    pub(crate) fn cancel(&mut self, host: HostId, lease: LeaseId) {
        if self.hosts.get(&host).is_some_and(KnownHost::is_connected) {
            self.cancels.entry(host).or_default().push(lease);
        }
    }

    /// The row of this job is put at the end of the batch.
    pub(crate) fn job_changed(&mut self, job: JobId) {
        self.changed.insert(job);
    }

    /// One open unit less; at the bound this lets fresh slices out again.
    pub(crate) fn unit_closed(&mut self) {
        if self.units_open >= UNITS_OPEN_MAX {
            self.waiting.stir();
        }
        self.units_open -= 1;
    }

    /// Drops a job that has ended; its last row is still put.
    pub(crate) fn forget(&mut self, job: JobId) {
        if let Some(ended) = self.jobs.remove(&job) {
            self.units_open -= ended.units.len();
            self.forgotten.insert(job, ended.row);
            self.changed.insert(job);
        }
    }
}
