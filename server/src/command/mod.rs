//! Commands of admins: one stream, many requests, each with its replies.
//!
//! The same code serves the unix socket of the data folder and QUIC.

use std::sync::Arc;
use std::time::Instant;

use gleaner_link::{Framed, LinkError};
use gleaner_shared::id::HostId;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply, Request, ServerStatus};
use gleaner_shared::wire::codec::CodecError;
use gleaner_store::{Store, StoreError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use crate::dictionaries::Dictionaries;
use crate::driver::{Handle, Kept, Question};
use crate::finish::Running;
use series::Ended;

mod app;
mod corpus;
mod host;
mod intake;
mod invite;
mod job;
mod plan;
mod query;
mod result;
mod series;
mod slicer;
mod socket;
mod submit;
mod verify;

pub(crate) use socket::serve as serve_socket;

/// What commands need.
#[derive(Clone, Debug)]
pub(crate) struct Commands {
    pub(crate) store: Store,
    pub(crate) driver: Handle,
    pub(crate) id: HostId,
    /// Where clients reach the server; goes into invites.
    pub(crate) address: Arc<str>,
    pub(crate) started: Instant,
    /// Held while a job is submitted.
    pub(crate) submitting: Arc<Mutex<()>>,
    /// Corpora that are being added to.
    pub(crate) adding: Arc<corpus::Adding>,
    /// What a stopping server waits for.
    pub(crate) tasks: TaskTracker,
    /// Dictionaries that questions need.
    pub(crate) dictionaries: Dictionaries,
    /// Finish steps that run.
    pub(crate) finishing: Running,
    /// Held while a plan's sample is merged for a trial.
    pub(crate) planning: Arc<Mutex<()>>,
}

impl Commands {
    /// Serves one stream until its end.
    pub(crate) async fn serve<R, W>(&self, stream: &mut Framed<R, W>) -> Result<(), LinkError>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        while let Some(request) = stream.receive_or_end::<Request>().await? {
            match self.answer(request, stream).await {
                Ok(()) => {}
                // Of an answer that is too long nothing was sent.
                Err(Ended::Link(LinkError::Message(CodecError::TooLong { len, max }))) => {
                    stream.send(&Reply::Failed(too_long(len, max))).await?;
                }
                Err(Ended::Link(error)) => return Err(error),
                Err(Ended::Problem(problem)) => stream.send(&Reply::Failed(problem)).await?,
            }
        }
        stream.finish().await
    }

    async fn answer<R, W>(&self, request: Request, stream: &mut Framed<R, W>) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        match request {
            Request::CorpusAdd(wish) => self.corpus_add(wish, stream).await,
            Request::CorpusShow { name } => self.corpus_show(&name, stream).await,
            Request::CorpusVerify { name } => self.corpus_verify(&name, stream).await,
            Request::ArtefactPut(artefact) => self.artefact_put(artefact, stream).await,
            Request::JobFollow { name } => self.job_follow(&name, stream).await,
            Request::JobErrors { name } => self.job_errors(&name, stream).await,
            Request::HostList => self.host_list(stream).await,
            Request::ResultRows { job, file } => self.result_rows(&job, &file, stream).await,
            Request::CorpusSlice { corpus, number } => {
                self.corpus_slice(&corpus, number, stream).await
            }
            Request::PlanTrial { app, units } => self.plan_trial(&app, units, stream).await,
            request => Ok(stream.send(&self.reply(request).await?).await?),
        }
    }

    async fn reply(&self, request: Request) -> Result<Reply, Problem> {
        match request {
            Request::Server => self.status().await,
            Request::InviteCreate(wish) => self.invite_create(wish).await,
            Request::InviteList => self.invite_list().await,
            Request::InviteRevoke { id } => self.invite_revoke(id).await,
            Request::CorpusList => self.corpus_list().await,
            Request::CorpusRemove { name } => self.corpus_remove(&name).await,
            Request::JobSubmit(wish) => self.job_submit(wish).await,
            Request::JobList => self.job_list().await,
            Request::JobStatus { name } => self.job_status(&name).await,
            Request::JobWhy { name } => self.job_why(&name).await,
            Request::JobChange { name, change } => self.job_change(&name, change).await,
            Request::ResultTables { job } => self.result_tables(&job).await,
            Request::ResultExports { job } => self.result_exports(&job).await,
            Request::Related(wish) => self.related(wish).await,
            Request::Articles(wish) => self.articles(wish).await,
            Request::Search(wish) => self.search(wish).await,
            Request::HostShow { host } => self.host_show(&host).await,
            Request::HostBan { host } => self.host_ban(&host).await,
            Request::PlanBasis { corpus, app } => self.plan_basis(&corpus, &app).await,
            _ => Err(problem(
                ProblemKind::Failed,
                "this command",
                "this server does not know it yet",
                "use a newer server",
            )),
        }
    }

    async fn status(&self) -> Result<Reply, Problem> {
        let view = self.driver.ask(Question::Totals).await.map_err(|_| stopping())?;
        Ok(Reply::Server(ServerStatus {
            version: env!("CARGO_PKG_VERSION").into(),
            id: self.id.to_string(),
            address: self.address.to_string(),
            up_seconds: self.started.elapsed().as_secs(),
            hosts_connected: view.hosts_connected,
            jobs_open: view.jobs_open,
            paused: view.paused,
        }))
    }
}

/// A problem in four words: kind, what, why, what to do.
pub(crate) fn problem(kind: ProblemKind, what: &str, why: &str, next: &str) -> Problem {
    Problem { kind, what: what.into(), why: why.into(), next: next.into() }
}

fn too_long(len: usize, max: usize) -> Problem {
    let why = format!("the answer has {len} bytes, and {max} fit in one message");
    problem(ProblemKind::Limit, "the answer is too long", &why, "ask for fewer rows (--limit)")
}

fn stopping() -> Problem {
    problem(ProblemKind::Failed, "the command", "the server is stopping", "try again in a moment")
}

/// A change that the driver could not keep, for an admin.
fn on_disk(kept: Kept, what: &str) -> Result<(), Problem> {
    match kept {
        Kept::Yes => Ok(()),
        Kept::NoSpace => Err(store_problem(what, &StoreError::Full)),
        Kept::No => {
            let next = "see gleaner-admin status and the server's log, then again";
            Err(problem(ProblemKind::Failed, what, "the server could not write", next))
        }
    }
}

/// A store's error, for an admin.
fn store_problem(what: &str, error: &StoreError) -> Problem {
    let (kind, next) = match error {
        StoreError::Full => {
            (ProblemKind::Limit, "free some space on the server's disk, then again")
        }
        StoreError::Absent(_) => (ProblemKind::NotFound, "look it up in the lists"),
        StoreError::Damaged { .. } => (ProblemKind::Checksum, "restore it from a backup"),
        StoreError::Misuse(_) => (ProblemKind::Usage, "see the command's --help"),
        StoreError::Fenced | StoreError::Database(_) | StoreError::Objects(_) => {
            (ProblemKind::Failed, "see the server's log")
        }
    };
    problem(kind, what, &error.to_string(), next)
}
