//! What the driver is asked, and the handle to ask it.

use gleaner_engine::event::{Event, Host};
use gleaner_engine::view::{HostView, JobView, Why};
use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::{DRIVER_QUEUE, OUTBOX_MESSAGES};
use gleaner_shared::policy::Policy;
use gleaner_shared::table::Table;
use gleaner_shared::wire::work::{Delivered, ToHost};
use gleaner_store::{JobInsert, ResultBytes};
use tokio::sync::{mpsc, oneshot};

/// A session's number: tells a new connection of a host from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) u64);

/// One thing for the driver.
#[derive(Debug)]
pub(crate) enum Input {
    /// A session begins: its event is a `HostConnected`.
    Begin { session: SessionId, event: Event, host: HostId, outbox: mpsc::Sender<ToHost> },
    /// It has ended; says so to the engine unless a newer one has begun.
    End { session: SessionId, host: HostId },
    /// Something that needs no answer.
    Event(Event),
    /// A result with its bytes.
    Result { host: Host, result: ResultBytes, reply: oneshot::Sender<Delivered> },
    /// A new job.
    Job { job: Box<NewJob>, reply: oneshot::Sender<Kept> },
    /// Changes of a job, in one batch; answered when they are on disk.
    Change { events: Vec<Event>, reply: oneshot::Sender<Kept> },
    /// A question about what the engine holds.
    Ask { question: Question, reply: oneshot::Sender<View> },
}

/// A job that is about to be inserted.
#[derive(Debug)]
pub(crate) struct NewJob {
    pub(crate) insert: JobInsert,
    pub(crate) policy: Policy,
    pub(crate) slices: u32,
    pub(crate) tables: &'static [Table],
}

/// Whether a change is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is.
    Yes,
    /// It is not: the disk is full.
    NoSpace,
    /// It is not: the store failed; the log says more.
    No,
}

/// What can be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    Job(JobId),
    Host(HostId),
    Totals,
}

/// What the engine holds now.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    pub(crate) job: Option<JobView>,
    pub(crate) why: Vec<Why>,
    pub(crate) host: Option<HostView>,
    pub(crate) hosts_connected: u32,
    pub(crate) jobs_open: u32,
    pub(crate) paused: Option<String>,
}

/// The driver has ended: the server is stopping.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the server is stopping")]
pub(crate) struct Stopped;

/// Asks the driver. Waits when its queue is full.
#[derive(Clone, Debug)]
pub(crate) struct Handle(mpsc::Sender<Input>);

/// The queue between sessions and driver.
pub(crate) fn queue() -> (Handle, mpsc::Receiver<Input>) {
    let (sender, receiver) = mpsc::channel(DRIVER_QUEUE);
    (Handle(sender), receiver)
}

/// The queue to one host.
pub(crate) fn outbox() -> (mpsc::Sender<ToHost>, mpsc::Receiver<ToHost>) {
    mpsc::channel(OUTBOX_MESSAGES)
}

impl Handle {
    pub(crate) async fn send(&self, input: Input) -> Result<(), Stopped> {
        self.0.send(input).await.map_err(|_| Stopped)
    }

    /// Hands in a result; returns when it is dealt with, which is after the commit.
    pub(crate) async fn deliver(
        &self,
        host: Host,
        result: ResultBytes,
    ) -> Result<oneshot::Receiver<Delivered>, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Input::Result { host, result, reply }).await?;
        Ok(answer)
    }

    /// Changes a job; returns when that is on disk.
    pub(crate) async fn change(&self, events: Vec<Event>) -> Result<Kept, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Input::Change { events, reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// Inserts a job; returns when that is on disk.
    pub(crate) async fn job(&self, job: NewJob) -> Result<Kept, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Input::Job { job: Box::new(job), reply }).await?;
        answer.await.map_err(|_| Stopped)
    }

    /// What the engine holds.
    pub(crate) async fn ask(&self, question: Question) -> Result<View, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.send(Input::Ask { question, reply }).await?;
        answer.await.map_err(|_| Stopped)
    }
}
