//! The handle that all calls go through, and how a transaction runs.
//!
//! Each transaction runs in a task of its own: a caller that is dropped half-way leaves a whole
//! transaction or none. Each checks epoch and term, so that a server that was replaced changes
//! nothing more. A later database dispatches here.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use gleaner_shared::measure::Time;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::object::Objects;

/// One history of the store: new after a restore from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// One server's tenure: one more at each opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub u64);

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows to leave out.
    pub offset: u32,
    /// Rows at most.
    pub limit: u32,
}

/// The truth. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    /// One connection: SQLite has one writer.
    pub(crate) writer: SqlitePool,
    /// For questions that are answered at once.
    pub(crate) readers: SqlitePool,
    /// For answers that are sent while they are read: a slow taker must not hold up the others.
    pub(crate) streams: SqlitePool,
    pub(crate) objects: Objects,
    pub(crate) epoch: Epoch,
    pub(crate) term: Term,
    pub(crate) clock: Time,
    /// Held while a batch commits, so that an object that a batch needs is not removed by another.
    pub(crate) commit_gate: Mutex<()>,
    /// Held while packs and artefacts get their rows, and while those without rows are removed.
    pub(crate) object_gate: Mutex<()>,
}

impl Store {
    /// Which history this is.
    pub fn epoch(&self) -> Epoch {
        self.inner.epoch
    }

    /// Which tenure this is.
    pub fn term(&self) -> Term {
        self.inner.term
    }

    /// The logical time of the last commit before this store was opened.
    pub fn clock(&self) -> Time {
        self.inner.clock
    }

    /// Ends all connections after what is under way. Later calls fail.
    pub async fn close(&self) {
        self.inner.streams.close().await;
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    /// Runs one write transaction to its end, whatever becomes of the caller.
    pub(crate) async fn transact<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let store = self.clone();
        owned(async move { store.transact_here(work).await }).await
    }

    /// As [`Store::transact`], for a caller that runs in a task of its own already.
    pub(crate) async fn transact_here<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, E>>,
    {
        let mut connection = begin(&self.inner.writer).await?;
        let done = match self.fence_check(&mut connection).await {
            Ok(()) => work(&mut connection).await,
            Err(error) => Err(error.into()),
        };
        match done {
            Ok(value) => match run(&mut connection, "COMMIT").await {
                Ok(()) => Ok(value),
                Err(error) => {
                    rollback(connection).await;
                    Err(StoreError::from(error).into())
                }
            },
            Err(error) => {
                rollback(connection).await;
                Err(error)
            }
        }
    }

    async fn fence_check(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (epoch, term): (i64, i64) =
            sqlx::query_as("SELECT epoch, term FROM server").fetch_one(connection).await?;
        let (epoch, term) = (epoch.cast_unsigned(), term.cast_unsigned());
        if (Epoch(epoch), Term(term)) == (self.inner.epoch, self.inner.term) {
            Ok(())
        } else {
            Err(StoreError::Fenced)
        }
    }
}

/// Runs to its end even if the caller is dropped.
pub(crate) async fn owned<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    ended(tokio::spawn(work)).await
}

/// What a task gave; its panic goes on here.
pub(crate) async fn ended<T>(task: tokio::task::JoinHandle<T>) -> T {
    match task.await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down: nobody waits for this any more.
            Err(_) => std::future::pending().await,
        },
    }
}

async fn run(connection: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

/// Begins, by hand and not with the driver's transactions: after a full disk SQLite has rolled back
/// by itself, and the driver would count a transaction that is none.
pub(crate) async fn begin(pool: &SqlitePool) -> Result<PoolConnection<Sqlite>, StoreError> {
    let mut connection = pool.acquire().await?;
    if run(&mut connection, "BEGIN IMMEDIATE").await.is_err() {
        // A panic may have left a transaction open on this connection.
        let _ = run(&mut connection, "ROLLBACK").await;
        run(&mut connection, "BEGIN IMMEDIATE").await?;
    }
    Ok(connection)
}

async fn rollback(mut connection: PoolConnection<Sqlite>) {
    if run(&mut connection, "ROLLBACK").await.is_err() {
        // SQLite rolled back by itself, or the connection is broken: a new one knows its state.
        let _ = connection.detach().close().await;
    }
}
