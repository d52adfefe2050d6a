//! A conversation with the server: requests out, replies in, over the Unix socket or QUIC alike.
//!
//! A reply that says no becomes a [`Fault`] here, and only here.

use core::time::Duration;

use gleaner_link::{Framed, LinkError, QuicStream, UnixFramed};
use gleaner_shared::limits::REPLY_PATIENCE;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::fault::{Exit, Fault, Told};
use crate::link_fault::link_fault;

/// A stream to the server, on which the first frame was sent.
#[derive(Debug)]
pub(crate) enum Talk {
    /// On the server's own machine.
    Unix(Box<UnixFramed>),
    /// From elsewhere.
    Quic(Box<QuicStream>),
}

impl Talk {
    /// Sends one message of any kind.
    pub(crate) async fn send<M: Serialize>(&mut self, message: &M) -> Result<(), Fault> {
        match self {
            Self::Unix(stream) => send(stream, message).await,
            Self::Quic(stream) => send(stream, message).await,
        }
    }

    /// Sends a request.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<(), Fault> {
        self.send(request).await
    }

    /// Sends raw bytes that an earlier message announced.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let sent = match self {
            Self::Unix(stream) => stream.send_bytes(bytes).await,
            Self::Quic(stream) => stream.send_bytes(bytes).await,
        };
        // What the server says about it tells more than that it stopped to listen.
        match sent {
            Ok(()) => Ok(()),
            Err(error) => Err(self.last_word().await.unwrap_or_else(|| link_fault(&error))),
        }
    }

    /// Receives raw bytes that an earlier message announced.
    pub(crate) async fn receive_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let received = match self {
            Self::Unix(stream) => stream.receive_bytes(bytes).await,
            Self::Quic(stream) => stream.receive_bytes(bytes).await,
        };
        received.map_err(|error| link_fault(&error))
    }

    /// Receives one message of any kind, however long it takes. Cancel-safe.
    pub(crate) async fn receive<M: DeserializeOwned>(&mut self) -> Result<M, Fault> {
        let received = match self {
            Self::Unix(stream) => stream.receive().await,
            Self::Quic(stream) => stream.receive().await,
        };
        received.map_err(|error| link_fault(&error))
    }

    /// Receives one message of any kind, which should come at once.
    pub(crate) async fn receive_soon<M: DeserializeOwned>(&mut self) -> Result<M, Fault> {
        let patience = Duration::from_millis(REPLY_PATIENCE.0);
        match timeout(patience, self.receive()).await {
            Ok(received) => received,
            Err(_) => Err(silent()),
        }
    }

    /// The next reply, however long it takes. Cancel-safe.
    pub(crate) async fn reply_in_time(&mut self) -> Result<Reply, Fault> {
        accepted(self.receive().await?)
    }

    /// The next reply, which should come at once.
    pub(crate) async fn reply(&mut self) -> Result<Reply, Fault> {
        accepted(self.receive_soon().await?)
    }

    /// Says that no more requests come. Then the server ends its side after the last reply.
    pub(crate) async fn finish(&mut self) -> Result<(), Fault> {
        let finished = match self {
            Self::Unix(stream) => stream.finish().await,
            Self::Quic(stream) => stream.finish().await,
        };
        finished.map_err(|error| link_fault(&error))
    }

    /// The next reply, which should come at once; `None` after the last. See [`Talk::finish`].
    pub(crate) async fn reply_or_end(&mut self) -> Result<Option<Reply>, Fault> {
        let patience = Duration::from_millis(REPLY_PATIENCE.0);
        let received = match self {
            Self::Unix(stream) => timeout(patience, stream.receive_or_end()).await,
            Self::Quic(stream) => timeout(patience, stream.receive_or_end()).await,
        };
        let reply = received.map_err(|_| silent())?.map_err(|error| link_fault(&error))?;
        reply.map(accepted).transpose()
    }

    /// A refusal that the server sent before it gave the stream up.
    async fn last_word(&mut self) -> Option<Fault> {
        match timeout(Duration::from_secs(1), self.receive::<Reply>()).await {
            Ok(Ok(Reply::Failed(problem))) => Some(problem.into()),
            _ => None,
        }
    }
}

async fn send<R, W, M>(stream: &mut Framed<R, W>, message: &M) -> Result<(), Fault>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
    M: Serialize,
{
    stream.send(message).await.map_err(|error| match error {
        LinkError::Message(error) => Told {
            exit: Exit::Limit,
            what: "the request is too large".into(),
            why: error.to_string(),
            next: "shorten its texts and names".into(),
        }
        .into(),
        error => link_fault(&error),
    })
}

fn silent() -> Fault {
    Told {
        exit: Exit::TimedOut,
        what: "the server does not answer".into(),
        why: format!("it took the request but said nothing for {} s", REPLY_PATIENCE.0 / 1_000),
        next: "look at the server's log, then repeat the command".into(),
    }
    .into()
}

/// A reply that says yes.
fn accepted(reply: Reply) -> Result<Reply, Fault> {
    match reply {
        Reply::Failed(problem) => Err(problem.into()),
        reply => Ok(reply),
    }
}

/// The reply is none that the request has.
pub(crate) fn misfit() -> Fault {
    Told {
        exit: Exit::Version,
        what: "the server's answer does not fit the question".into(),
        why: "this program and the server are of different versions".into(),
        next: "install the gleaner-admin that came with the server (gleaner-admin status)".into(),
    }
    .into()
}
