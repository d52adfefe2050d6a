//! Following a job while it changes. A server that goes away in between is waited for.
//!
//! Only a server that was there once is waited for: a wrong address fails at once.

use core::time::Duration;

use gleaner_shared::limits::{BACKOFF_RANGE, WAIT_RECONNECT_PATIENCE};
use gleaner_shared::wire::admin::job::{JobStatus, Phase};
use gleaner_shared::wire::admin::{Reply, Request};
use tokio::time::{Instant, sleep, timeout};

use crate::admin::Admin;
use crate::fault::{Exit, Fault, Told};
use crate::talk::{self, Talk};

/// How long is waited for news before the caller may do something else.
const TICK: Duration = Duration::from_millis(500);

/// A job that is followed.
#[derive(Debug)]
pub(crate) struct Follow<'a> {
    admin: &'a Admin,
    name: String,
    until: Option<Instant>,
    line: Line,
}

/// Whether there is a stream.
#[derive(Debug)]
enum Line {
    /// Not tried yet.
    New,
    Open {
        talk: Box<Talk>,
        /// Whether it has brought news.
        worked: bool,
    },
    Lost {
        since: Instant,
        why: Fault,
        pause: Duration,
    },
}

/// What happened.
#[derive(Debug)]
pub(crate) enum News {
    /// The job stands like this.
    Status(JobStatus),
    /// Nothing, for a moment.
    Quiet,
    /// The server went away.
    Lost,
    /// It is back.
    Back,
}

impl<'a> Follow<'a> {
    /// Follows a job, at most for so long.
    pub(crate) fn new(admin: &'a Admin, name: &str, limit: Option<Duration>) -> Self {
        // A limit beyond the clock's range is none.
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        Self { admin, name: name.to_owned(), until, line: Line::New }
    }

    /// What happens next.
    pub(crate) async fn news(&mut self) -> Result<News, Fault> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(self.too_late());
        }
        match core::mem::replace(&mut self.line, Line::New) {
            Line::New => {
                self.line = Line::Open { talk: self.connect().await?, worked: false };
                self.hear().await
            }
            open @ Line::Open { .. } => {
                self.line = open;
                self.hear().await
            }
            Line::Lost { since, why, pause } => self.again(since, why, pause).await,
        }
    }

    async fn connect(&self) -> Result<Box<Talk>, Fault> {
        let mut talk = self.admin.open().await?;
        talk.ask(&Request::JobFollow { name: self.name.clone() }).await?;
        Ok(Box::new(talk))
    }

    async fn hear(&mut self) -> Result<News, Fault> {
        let Line::Open { talk, worked } = &mut self.line else { return Ok(News::Quiet) };
        let patience = self.until.map_or(TICK, |until| TICK.min(until - Instant::now()));
        match timeout(patience, talk.reply_in_time()).await {
            Err(_) => Ok(News::Quiet),
            Ok(Ok(Reply::Job(status))) => {
                *worked = true;
                Ok(News::Status(status))
            }
            Ok(Ok(_)) => Err(talk::misfit()),
            // A server that is stopping may say that it failed; if it did, it says so again.
            Ok(Err(why)) if may_pass(&why) || (*worked && why.exit() == Exit::Failed) => {
                let pause = Duration::from_millis(BACKOFF_RANGE.0.0);
                self.line = Line::Lost { since: Instant::now(), why, pause };
                Ok(News::Lost)
            }
            Ok(Err(fault)) => Err(fault),
        }
    }

    /// One more try to reach the server.
    async fn again(&mut self, since: Instant, why: Fault, pause: Duration) -> Result<News, Fault> {
        if self.until.is_none()
            && since.elapsed() > Duration::from_millis(WAIT_RECONNECT_PATIENCE.0)
        {
            return Err(why);
        }
        sleep(self.until.map_or(pause, |until| pause.min(until - Instant::now()))).await;
        match self.connect().await {
            Ok(talk) => {
                self.line = Line::Open { talk, worked: false };
                Ok(News::Back)
            }
            Err(why) if may_pass(&why) => {
                let pause = (pause * 2).min(Duration::from_millis(BACKOFF_RANGE.1.0));
                self.line = Line::Lost { since, why, pause };
                Ok(News::Quiet)
            }
            Err(fault) => Err(fault),
        }
    }

    fn too_late(&self) -> Fault {
        let why = match &self.line {
            Line::Lost { .. } => "the time is over, and the server has not come back",
            _ => "the time is over; the job goes on",
        };
        Told {
            exit: Exit::TimedOut,
            what: format!("job {} is not done yet", self.name),
            why: why.into(),
            next: format!("gleaner-admin job why {}", self.name),
        }
        .into()
    }
}

/// Whether a failure may pass when the server is there again.
fn may_pass(fault: &Fault) -> bool {
    matches!(fault.exit(), Exit::Unreachable | Exit::TimedOut)
}

/// Whether nothing will change any more.
pub(crate) fn has_ended(status: &JobStatus) -> bool {
    matches!(status.phase, Phase::Done | Phase::Cancelled)
}

/// What a waiting script is told in the end.
pub(crate) fn exit_of(status: &JobStatus) -> Exit {
    match (status.phase, status.failed) {
        (Phase::Cancelled, _) => Exit::Failed,
        (_, 0) => Exit::Done,
        _ => Exit::SomeFailed,
    }
}
