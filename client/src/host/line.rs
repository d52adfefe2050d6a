//! The line to the server: a session, or the way to one.

use std::time::Duration;

use gleaner_link::Connection;
use gleaner_shared::wire::work::FromHost;
use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::event::SessionId;

/// What there is.
#[derive(Debug)]
pub(crate) enum Line {
    /// No connection.
    Away(Away),
    /// A connection.
    Session(Session),
}

/// No connection, and a task that makes one.
#[derive(Debug)]
pub(crate) struct Away {
    /// Since when.
    pub(crate) since: Instant,
    /// Why, as far as it is known.
    pub(crate) why: String,
    /// The task. It ends by itself once there is a connection.
    pub(crate) dialing: AbortHandle,
    /// Whether its failure was told.
    pub(crate) told: Told,
}

/// Whether something was said already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is news.
    No,
    /// It is known.
    Yes,
}

/// A connection, whose tasks end with it.
#[derive(Debug)]
pub(crate) struct Session {
    /// Tells its events from those of earlier ones.
    pub(crate) id: SessionId,
    /// For further streams.
    pub(crate) connection: Connection,
    /// Goes to the server over the session's stream.
    pub(crate) words: Sender<FromHost>,
    /// The session, transfers and deliveries.
    pub(crate) tasks: JoinSet<()>,
    /// Since when.
    pub(crate) since: Instant,
    /// What the server is ready for.
    pub(crate) phase: Phase,
    /// The want that the server has not answered.
    pub(crate) want: Option<u32>,
    /// Transfers under way.
    pub(crate) fetches: usize,
    /// Deliveries under way.
    pub(crate) deliveries: usize,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The hello is on its way.
    Hello,
    /// The server has said welcome.
    Open,
    /// The server is about to stop: it gives no more work.
    Draining,
}

impl Line {
    /// For how long it is so.
    pub(crate) fn age(&self) -> Duration {
        let since = match self {
            Self::Away(away) => away.since,
            Self::Session(session) => session.since,
        };
        Instant::now().duration_since(since)
    }

    /// The session, once the server has said welcome.
    pub(crate) fn open(&mut self) -> Option<&mut Session> {
        match self {
            Self::Session(session) if session.phase != Phase::Hello => Some(session),
            _ => None,
        }
    }

    /// Whether the server has said welcome.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Session(session) if session.phase != Phase::Hello)
    }
}
