//! The front: connections, their streams, and what a peer may do on them.
//!
//! Roles and bans are read from the store for every stream. Nothing here decides about units.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gleaner_engine::event::Host;
use gleaner_link::{Close, Connection, QuicStream, QuicWriter, Server};
use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::{CLOSE_PATIENCE, FRAME_PATIENCE};
use gleaner_shared::policy::Standing;
use gleaner_shared::table::Table;
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{Open, Role};
use gleaner_store::HostRecord;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::command::Commands;
use crate::driver::{Handle, SessionId, TablesOf};
use crate::truth::Truth;

mod admin;
mod deliver;
mod fetch;
mod join;
mod partial;
mod session;

pub(crate) use partial::Partials;

/// What every connection needs.
#[derive(Clone)]
pub(crate) struct Front<T> {
    pub(crate) store: T,
    pub(crate) driver: Handle,
    pub(crate) tables_of: TablesOf,
    pub(crate) commands: Commands,
    pub(crate) partials: Partials,
    pub(crate) sessions: Arc<AtomicU64>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl<T: Truth> Front<T> {
    /// Serves connections until it is told to stop.
    pub(crate) async fn serve(self, server: &Server) {
        loop {
            let incoming = tokio::select! {
                biased;
                () = self.stop.cancelled() => None,
                incoming = server.accept() => incoming,
            };
            let Some(incoming) = incoming else { return };
            let front = self.clone();
            self.tasks.spawn(async move {
                match incoming.establish().await {
                    Ok(connection) => front.connection(connection).await,
                    Err(error) => tracing::debug!(%error, "a handshake failed"),
                }
            });
        }
    }

    /// Serves the streams of a connection until it ends, or until the server stops and those that
    /// are open have ended.
    async fn connection(self, connection: Connection) {
        let (connection, streams) = (Arc::new(connection), TaskTracker::new());
        while let Some(Ok(stream)) = self.stop.run_until_cancelled(connection.accept()).await {
            let (front, connection) = (self.clone(), Arc::clone(&connection));
            streams.spawn(async move {
                if let Err(error) = front.stream(&connection, stream).await {
                    tracing::debug!(%error, host = %connection.peer(), "a stream ended early");
                }
            });
        }
        streams.close();
        streams.wait().await;
        connection.close(Close::Stopping, "the server stops");
    }

    async fn stream(&self, connection: &Connection, mut stream: QuicStream) -> anyhow::Result<()> {
        let peer = connection.peer();
        let opened = self.stop.run_until_cancelled(stream.receive_within(FRAME_PATIENCE)).await;
        let Some(opened) = opened else { return Ok(()) };
        match opened? {
            Open::Join(join) => self.join(peer, join, stream).await,
            Open::Session(hello) => self.session(connection, hello, stream).await,
            Open::Fetch(items) => self.fetch(peer, items, stream).await,
            Open::Deliver(heads) => self.deliver(peer, heads, stream).await,
            Open::Admin => self.admin(connection, stream).await,
        }
    }

    /// The peer as a host that may work.
    async fn host(&self, peer: HostId) -> anyhow::Result<Result<Worker, Refusal>> {
        let Some(record) = self.store.host_find(peer).await? else {
            return Ok(Err(Refusal::NotJoined));
        };
        Ok(Worker::of(peer, record))
    }

    fn session_next(&self) -> SessionId {
        SessionId(self.sessions.fetch_add(1, Ordering::Relaxed))
    }
}

/// Waits until the peer has the last words of a stream, which closing its connection would overtake;
/// whether it has them. Who has gone, or does not listen, asks again.
async fn arrived(writer: &mut QuicWriter) -> bool {
    let patience = Duration::from_millis(CLOSE_PATIENCE.0);
    matches!(timeout(patience, writer.arrived()).await, Ok(Ok(())))
}

/// A host that may work.
#[derive(Clone, Copy, Debug)]
struct Worker {
    host: Host,
}

impl Worker {
    fn of(id: HostId, record: HostRecord) -> Result<Self, Refusal> {
        if record.banned {
            return Err(Refusal::Banned);
        }
        let standing = match record.role {
            Role::Own => Standing::Own,
            Role::Volunteer => Standing::Stranger,
            Role::Admin => return Err(Refusal::NotAllowed),
        };
        Ok(Self { host: Host { id, account: record.account, standing } })
    }
}

/// A job's number and tables, for checking results of it.
#[derive(Clone, Copy, Debug)]
struct JobTables {
    job: JobId,
    tables: &'static [Table],
}
