//! The one owner of the engine: gather what has arrived, let it decide, commit, then tell.
//!
//! Nothing is told before its batch is on disk. After a failed commit the engine is dropped and
//! restored from the store, and all sessions end: their hosts come back and state what they hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gleaner_engine::Engine;
use gleaner_engine::effect::{Effect, Tell, Write};
use gleaner_engine::event::{Event, Token};
use gleaner_failpoint::crash_point;
use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use gleaner_shared::table::Table;
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{Delivered, ToHost};
use gleaner_store::{Batch, CommitError, JobInsert, ResultBytes, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::truth::Truth;

mod clock;
mod input;
mod tell;
mod view;

pub(crate) use clock::{Clock, unix_seconds};
pub(crate) use input::{Handle, Input, Kept, NewJob, Question, SessionId, View, outbox, queue};

/// How long to wait before a full disk is tried again.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// Why the driver ends before it is told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    /// The store cannot be read.
    #[error("the store cannot be read: {0}")]
    Store(#[from] StoreError),
    /// What it holds makes no sense.
    #[error("the store's open part is not consistent: {0}")]
    Restore(String),
    /// Another server writes now.
    #[error("another server has taken over this store")]
    Fenced,
    /// An app of an open job is not in this program.
    #[error("job {0} needs an app that this server does not have")]
    App(JobId),
}

/// Runs a job's finish step somewhere else; it ends with [`Event::Finished`].
pub(crate) trait Finisher: Send {
    /// Starts it. Starting the same generation again must do no harm.
    fn start(&mut self, job: JobId, generation: u32);
}

/// The tables of an app, by `name@version`.
pub(crate) type TablesOf = fn(&str) -> Option<&'static [Table]>;

/// A batch while it gathers.
#[derive(Default)]
struct Gathered {
    events: usize,
    bytes: usize,
    results: Vec<ResultBytes>,
    jobs: Vec<JobInsert>,
    changes: Vec<oneshot::Sender<Kept>>,
}

/// See the file's head.
pub(crate) struct Driver<F, T> {
    store: T,
    clock: Clock,
    engine: Engine,
    finisher: F,
    tables_of: TablesOf,
    tables: Arc<BTreeMap<JobId, &'static [Table]>>,
    sessions: BTreeMap<HostId, (SessionId, mpsc::Sender<ToHost>)>,
    replies: BTreeMap<Token, oneshot::Sender<Delivered>>,
    last_token: u64,
    gathered: Gathered,
    paused: Option<String>,
}

impl<F: Finisher, T: Truth> Driver<F, T> {
    /// An engine with what the store has open.
    pub(crate) async fn new(
        store: T,
        finisher: F,
        tables_of: TablesOf,
    ) -> Result<Self, DriverError> {
        let clock = Clock::from(store.clock());
        let mut driver = Self {
            store,
            clock,
            engine: Engine::new(),
            finisher,
            tables_of,
            tables: Arc::default(),
            sessions: BTreeMap::new(),
            replies: BTreeMap::new(),
            last_token: 0,
            gathered: Gathered::default(),
            paused: None,
        };
        driver.restore().await?;
        Ok(driver)
    }

    async fn restore(&mut self) -> Result<(), DriverError> {
        let snapshot = self.store.snapshot().await?;
        let mut tables = BTreeMap::new();
        for job in &snapshot.jobs {
            let record = self.store.job_find_by_id(job.job).await?;
            let found = record.and_then(|record| (self.tables_of)(&record.app));
            tables.insert(job.job, found.ok_or(DriverError::App(job.job))?);
        }
        self.tables = Arc::new(tables);
        self.engine = Engine::restore(self.clock.now(), snapshot)
            .map_err(|error| DriverError::Restore(format!("{error:?}")))?;
        Ok(())
    }

    /// Serves until every handle is gone.
    pub(crate) async fn run(
        mut self,
        mut inputs: mpsc::Receiver<Input>,
    ) -> Result<(), DriverError> {
        // What was restored may have something to decide at once: a finish step to run again.
        while self.settle().await? {}
        loop {
            let first = self.wait(&mut inputs).await;
            match first {
                Some(Woken::Input(input)) => self.take(*input),
                Some(Woken::Deadline) => self.engine.handle(self.clock.now(), Event::Ticked),
                None => return Ok(()),
            }
            while self.gathered.events < BATCH_EVENTS_MAX && self.gathered.bytes < BATCH_BYTES_MAX {
                let Ok(input) = inputs.try_recv() else { break };
                self.take(input);
            }
            while self.settle().await? {}
        }
    }

    async fn wait(&self, inputs: &mut mpsc::Receiver<Input>) -> Option<Woken> {
        let left =
            self.engine.next_deadline().map(|at| Duration::from_millis((at - self.clock.now()).0));
        let Some(left) = left else { return inputs.recv().await.map(Box::new).map(Woken::Input) };
        // What has come is handled at its own time, which ends leases as a deadline does.
        tokio::select! {
            biased;
            input = inputs.recv() => input.map(Box::new).map(Woken::Input),
            () = tokio::time::sleep(left) => Some(Woken::Deadline),
        }
    }

    fn take(&mut self, input: Input) {
        self.gathered.events += 1;
        let now = self.clock.now();
        match input {
            Input::Event(event) => self.engine.handle(now, event),
            Input::Begin { session, event, host, outbox } => {
                self.sessions.insert(host, (session, outbox));
                self.engine.handle(now, event);
            }
            Input::End { session, host } => {
                if self.sessions.get(&host).is_some_and(|(current, _)| *current == session) {
                    self.sessions.remove(&host);
                    self.engine.handle(now, Event::HostLost(host));
                }
            }
            Input::Result { host, result, reply } => {
                self.last_token += 1;
                let token = Token(self.last_token);
                self.replies.insert(token, reply);
                let (unit, outcome) = (result.unit, result.outcome);
                self.gathered.bytes += result.packed.len();
                self.gathered.results.push(result);
                self.engine.handle(now, Event::Returned { host, unit, outcome, token });
            }
            Input::Job { job, reply } => self.job_open(*job, reply),
            Input::Change { events, reply } => {
                self.gathered.changes.push(reply);
                for event in events {
                    if let Event::HostBanned(host) = event {
                        // Its session ends; the next is refused.
                        self.sessions.remove(&host);
                    }
                    self.engine.handle(now, event);
                }
            }
            Input::Ask { question, reply } => {
                // A caller that has gone needs no answer.
                drop(reply.send(self.view(question)));
            }
        }
    }

    fn job_open(&mut self, new: NewJob, reply: oneshot::Sender<Kept>) {
        let NewJob { insert, policy, slices, tables } = new;
        let job = insert.job;
        Arc::make_mut(&mut self.tables).insert(job, tables);
        self.gathered.jobs.push(insert);
        self.gathered.changes.push(reply);
        self.engine.handle(self.clock.now(), Event::JobOpened { job, policy, slices });
    }

    /// Commits what was decided and tells it. Whether telling made more to decide.
    async fn settle(&mut self) -> Result<bool, DriverError> {
        self.engine.flush();
        let (mut writes, mut tells) = (Vec::new(), Vec::new());
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Write(write) => writes.push(write),
                Effect::Tell(tell) => tells.push(tell),
            }
        }
        let gathered = std::mem::take(&mut self.gathered);
        if !writes.is_empty() || !gathered.jobs.is_empty() {
            let committed = self.commit(writes, gathered.results, gathered.jobs).await;
            if let Err(error) = committed {
                self.failed(error, gathered.changes).await?;
                return Ok(true);
            }
            if self.paused.take().is_some() {
                tracing::info!("the store takes batches again; work goes on");
            }
        }
        crash_point!("server.batch.told");
        for reply in gathered.changes {
            let _gone = reply.send(Kept::Yes);
        }
        self.tell(tells).await
    }

    async fn commit(
        &self,
        writes: Vec<Write>,
        results: Vec<ResultBytes>,
        jobs: Vec<JobInsert>,
    ) -> Result<(), CommitError> {
        let batch = Batch {
            now: self.clock.now(),
            at_unix_seconds: unix_seconds(),
            writes,
            jobs,
            results,
            tables: Arc::clone(&self.tables),
        };
        self.store.commit(batch).await
    }

    /// Drops all that was decided, and starts from the store again once it can be read.
    async fn failed(
        &mut self,
        error: CommitError,
        changes: Vec<oneshot::Sender<Kept>>,
    ) -> Result<(), DriverError> {
        let (refusal, kept) = match error {
            CommitError::Fenced => return Err(DriverError::Fenced),
            CommitError::Full => (Refusal::Full, Kept::NoSpace),
            CommitError::AlreadySettled(_) | CommitError::Other(_) => (Refusal::Busy, Kept::No),
        };
        let why = error.to_string();
        // The same each second, for as long as a disk stays full: told once.
        if self.paused.as_ref() != Some(&why) {
            tracing::error!("paused: {why}; nothing of the batch was acknowledged");
        }
        for (_, reply) in std::mem::take(&mut self.replies) {
            let _gone = reply.send(Delivered::Again(refusal));
        }
        for reply in changes {
            let _gone = reply.send(kept);
        }
        self.sessions.clear();
        self.paused = Some(why);
        loop {
            tokio::time::sleep(FULL_PAUSE).await;
            match self.restore().await {
                Err(DriverError::Store(StoreError::Full)) => {}
                restored => return restored,
            }
        }
    }

    async fn tell(&mut self, tells: Vec<Tell>) -> Result<bool, DriverError> {
        let mut more = false;
        for tell in tells {
            more |= self.tell_one(tell).await?;
        }
        Ok(more)
    }
}

enum Woken {
    Input(Box<Input>),
    Deadline,
}
