//! Finish steps: what is derived from a job's merged tables when all of its units are settled.
//!
//! A step is started by the engine, again after each restart, until it has said that it ended. It
//! writes its tables whole, so that a second run of a generation changes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gleaner_engine::effect::JobState;
use gleaner_engine::event::Event;
use gleaner_failpoint::crash_point;
use gleaner_shared::id::JobId;
use gleaner_shared::limits::FINISH_BACKOFF;
use gleaner_store::{Store, StoreError};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::dictionaries::DictionaryError;
use crate::driver::{Finisher, Handle, Input};
use crate::registry;

mod graph;
mod graph_rank;

/// Why a step has not ended. It is tried again: a disk gets space, a damaged file is restored.
#[derive(Debug, thiserror::Error)]
enum FinishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    #[error("{0}")]
    App(#[from] gleaner_apps::UnknownApp),
    #[error("this server has no finish step called {0}")]
    Step(&'static str),
    #[error("its app declares no table {0} as the step needs it")]
    Table(&'static str),
    #[error("edge {a}, {b} has an end that is no concept of the job")]
    End { a: String, b: String },
    #[error("its computation was cut off: {0}")]
    Cut(#[from] JoinError),
}

/// A step that runs.
#[derive(Debug)]
struct Run {
    generation: u32,
    task: AbortHandle,
    /// Why its last try failed.
    trouble: Option<String>,
}

/// Steps that run, by their jobs. All clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(Arc<Mutex<BTreeMap<JobId, Run>>>);

impl Running {
    /// Why the finish step of a job does not end, if its last try failed.
    pub(crate) fn trouble(&self, job: JobId) -> Option<String> {
        self.locked().get(&job)?.trouble.clone()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<JobId, Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs finish steps beside the driver.
#[derive(Debug)]
pub(crate) struct Steps {
    store: Store,
    driver: Handle,
    running: Running,
}

/// One step.
#[derive(Clone, Debug)]
struct Step {
    store: Store,
    driver: Handle,
    running: Running,
    job: JobId,
    generation: u32,
}

/// Whether anybody still waits for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Current,
    Past,
}

impl Steps {
    /// Steps over this store, told to this driver, noted in `running`.
    pub(crate) fn new(store: Store, driver: Handle, running: Running) -> Self {
        Self { store, driver, running }
    }
}

impl Finisher for Steps {
    fn start(&mut self, job: JobId, generation: u32) {
        let mut running = self.running.locked();
        match running.get(&job) {
            // The engine was restored meanwhile: the step that runs will tell the new one.
            Some(run) if run.generation == generation => return,
            Some(past) => past.task.abort(),
            None => {}
        }
        let step = Step {
            store: self.store.clone(),
            driver: self.driver.clone(),
            running: self.running.clone(),
            job,
            generation,
        };
        // The lock is held: the step cannot end before it is noted.
        let task = tokio::spawn(step.run()).abort_handle();
        running.insert(job, Run { generation, task, trouble: None });
    }
}

impl Step {
    async fn run(self) {
        let mut pause = Duration::from_millis(FINISH_BACKOFF.0.0);
        let place = loop {
            match self.apart().await {
                Ok(place) => break place,
                Err(error) => self.failed(&error),
            }
            tokio::time::sleep(pause).await;
            pause = Duration::from_millis(FINISH_BACKOFF.1.0).min(2 * pause);
        };
        // First, so that a driver which loses the event with a failed commit can start it again.
        self.forget();
        if place == Place::Current {
            // When the driver has gone, the next one starts the step again.
            let _gone = self.driver.send(Input::Event(Event::Finished(self.job))).await;
        }
    }

    /// In a task of its own, which ends with this one: a panic is a failure like another.
    async fn apart(&self) -> Result<Place, FinishError> {
        let (mut task, step) = (JoinSet::new(), self.clone());
        task.spawn(async move { step.derive().await });
        task.join_next().await.unwrap_or(Ok(Ok(Place::Past)))?
    }

    async fn derive(&self) -> Result<Place, FinishError> {
        if self.place().await? == Place::Past {
            return Ok(Place::Past);
        }
        let job = self.store.job_find_by_id(self.job).await?;
        let Some(job) = job else { return Ok(Place::Past) };
        let app = registry::app(&job.app)?;
        match app.finish().map(|finish| finish.name) {
            None => {}
            Some("graph-rank") => {
                graph_rank::derive(&self.store, &job, app, self.generation).await?;
            }
            Some(other) => return Err(FinishError::Step(other)),
        }
        crash_point!("server.finish.replaced");
        self.place().await
    }

    /// Whether the job still waits for this generation.
    async fn place(&self) -> Result<Place, FinishError> {
        let job = self.store.job_find_by_id(self.job).await?;
        let waits = job.is_some_and(|job| {
            job.row.state == JobState::Finishing && job.row.generation == self.generation
        });
        Ok(if waits { Place::Current } else { Place::Past })
    }

    fn forget(&self) {
        let mut running = self.running.locked();
        if running.get(&self.job).is_some_and(|run| run.generation == self.generation) {
            running.remove(&self.job);
        }
    }

    fn failed(&self, error: &FinishError) {
        tracing::error!(job = %self.job, %error, "a finish step failed");
        let mut running = self.running.locked();
        if let Some(run) = running.get_mut(&self.job)
            && run.generation == self.generation
        {
            run.trouble = Some(error.to_string());
        }
    }
}
