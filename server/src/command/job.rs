//! Jobs: listed, explained, changed.

use gleaner_engine::effect::JobState;
use gleaner_engine::event::Event;
use gleaner_engine::view::Why;
use gleaner_shared::limits::RETRY_UNITS_MAX;
use gleaner_shared::wire::admin::job::{Change, JobStatus, Phase};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::JobRecord;

use super::{Commands, on_disk, problem, stopping, store_problem};
use crate::driver::Question;

impl Commands {
    pub(super) async fn job_list(&self) -> Result<Reply, Problem> {
        let records = self.store.job_list().await;
        let records = records.map_err(|error| store_problem("jobs cannot be listed", &error))?;
        let mut jobs = Vec::with_capacity(records.len());
        for record in records {
            jobs.push(self.status_of(record).await?);
        }
        Ok(Reply::Jobs(jobs))
    }

    pub(super) async fn job_status(&self, name: &str) -> Result<Reply, Problem> {
        let record = self.job_find(name).await?;
        Ok(Reply::Job(self.status_of(record).await?))
    }

    pub(super) async fn job_why(&self, name: &str) -> Result<Reply, Problem> {
        let record = self.job_find(name).await?;
        let view = self.driver.ask(Question::Job(record.id)).await.map_err(|_| stopping())?;
        let mut reasons: Vec<String> = view.paused.into_iter().collect();
        let trouble = self.finishing.trouble(record.id);
        reasons.extend(
            trouble.map(|why| format!("Its finish step failed and is tried again: {why}.")),
        );
        reasons.extend(view.why.into_iter().map(sentence));
        Ok(Reply::Why(reasons))
    }

    pub(super) async fn job_change(&self, name: &str, change: Change) -> Result<Reply, Problem> {
        let record = self.job_find(name).await?;
        let events = match change {
            Change::Pause => vec![Event::JobPaused(record.id)],
            Change::Resume => vec![Event::JobResumed(record.id)],
            Change::Cancel => vec![Event::JobCancelled(record.id)],
            Change::Retry => self.retry(&record).await?,
        };
        let kept = self.driver.change(events).await.map_err(|_| stopping())?;
        on_disk(kept, &format!("job {name} was not changed"))?;
        self.job_status(name).await
    }

    /// The engine has forgotten a job that is done: it gets its row again first, in the same batch.
    async fn retry(&self, record: &JobRecord) -> Result<Vec<Event>, Problem> {
        let units = self.store.failed_units(record.id, RETRY_UNITS_MAX).await;
        let what = format!("job {} cannot be retried", record.name);
        let units = units.map_err(|error| store_problem(&what, &error))?;
        let retried = Event::JobRetried { job: record.id, units };
        match record.row.state {
            JobState::Done => {
                Ok(vec![Event::JobRestored { job: record.id, row: record.row }, retried])
            }
            JobState::Running | JobState::Paused => Ok(vec![retried]),
            JobState::Finishing => Err(problem(
                ProblemKind::Conflict,
                &what,
                "its finish step runs",
                "try again in a moment",
            )),
            JobState::Cancelled => Err(problem(
                ProblemKind::Conflict,
                &what,
                "it was cancelled",
                "submit it again under another name",
            )),
        }
    }

    pub(super) async fn job_find(&self, name: &str) -> Result<JobRecord, Problem> {
        let what = format!("job {name}");
        let found = self.store.job_find(name).await;
        found.map_err(|error| store_problem(&what, &error))?.ok_or_else(|| {
            let why = "there is no such job";
            problem(ProblemKind::NotFound, &what, why, "gleaner-admin job list")
        })
    }

    /// What the store has, with what only the engine knows.
    pub(super) async fn status_of(&self, record: JobRecord) -> Result<JobStatus, Problem> {
        let view = self.driver.ask(Question::Job(record.id)).await.map_err(|_| stopping())?;
        let open = view.job;
        let count = |count: usize| count as u64;
        Ok(JobStatus {
            name: record.name,
            digest: record.digest.to_string(),
            app: record.app,
            corpus: record.corpus_name,
            phase: phase(record.row.state),
            policy: record.row.policy,
            units: u64::from(record.row.slices) + u64::from(record.row.splits),
            merged: record.row.merged.into(),
            failed: record.row.failed.into(),
            leased: open.map_or(0, |job| count(job.leased)),
            checking: open.map_or(0, |job| count(job.checking)),
            waiting: open.map_or(0, |job| count(job.ready + job.waiting)),
            submitted_at_unix_seconds: record.submitted_at_unix_seconds,
            done_at_unix_seconds: record.done_at_unix_seconds,
        })
    }
}

const fn phase(state: JobState) -> Phase {
    match state {
        JobState::Running => Phase::Running,
        JobState::Paused => Phase::Paused,
        JobState::Finishing => Phase::Finishing,
        JobState::Done => Phase::Done,
        JobState::Cancelled => Phase::Cancelled,
    }
}

/// A reason, for people.
fn sentence(why: Why) -> String {
    match why {
        Why::NotOpen => "It is done or cancelled.".into(),
        Why::Paused => "It is paused: gleaner-admin job resume.".into(),
        Why::Finishing => "All units are settled; the finish step runs.".into(),
        Why::NoHost => "No client is connected: gleaner-admin invite create.".into(),
        Why::FewAccounts { copies, connected } => format!(
            "A unit needs {copies} equal results of different accounts; {connected} accounts are connected."
        ),
        Why::WaitsForAccount { units } => {
            format!("{units} units wait for a client of an account that has not done them yet.")
        }
        Why::WaitsForOwnHost { units } => format!("{units} units wait for one more own host."),
        Why::Shares { weight, of } => format!(
            "It shares the clients with other jobs: by its priority it gets {weight} of {of} units."
        ),
        Why::ReadsSlices => "The server is reading the next slices.".into(),
        Why::AllAtHosts { units } => format!("All {units} open units are at clients."),
        Why::HostsBusy { connected, full } => format!(
            "All {connected} connected clients have enough to do; {full} hold as much as they may."
        ),
        Why::ServerFull => "The server holds as many leases as it can.".into(),
    }
}
