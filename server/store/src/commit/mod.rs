//! The one transaction of a batch: all of its writes, or none.
//!
//! Writes apply in their order. Large results are on disk as objects before the transaction names
//! them; objects that nothing names any more go after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gleaner_engine::effect::Write;
use gleaner_failpoint::{crash_point, disk_point};
use gleaner_shared::digest::digest;
use gleaner_shared::id::{Digest, HostId, JobId};
use gleaner_shared::limits::RESULT_INLINE_MAX;
use gleaner_shared::measure::Time;
use gleaner_shared::table::Table;
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Outcome;
use sqlx::SqliteConnection;

use crate::columns::stored;
use crate::error::StoreError;
use crate::object::Sort;
use crate::store::{Store, owned};

mod clear;
mod job;
mod merge;
mod queue;
mod records;
mod result;
mod settle;
mod split;
mod stage;

pub use job::JobInsert;
pub(crate) use merge::Counted;
pub(crate) use queue::units_decode;
use stage::Stage;

/// What is to be kept, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The logical time; the store's clock never goes back.
    pub now: Time,
    /// Now, in seconds since 1970 UTC: when a job was done.
    pub at_unix_seconds: i64,
    /// The engine's writes, in its order.
    pub writes: Vec<Write>,
    /// Jobs that are new in this batch; each has its `JobPut` among the writes.
    pub jobs: Vec<JobInsert>,
    /// What hosts returned in this batch, as far as a write may need it.
    pub results: Vec<ResultBytes>,
    /// The tables of all open jobs that are merged into.
    pub tables: Arc<BTreeMap<JobId, &'static [Table]>>,
}

/// A result with its bytes, checked by the caller: they unpack to canonical records of the job's
/// tables with the digest that the outcome names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultBytes {
    /// Of which unit.
    pub unit: UnitKey,
    /// Whose.
    pub host: HostId,
    /// What.
    pub outcome: Outcome,
    /// The packed records; empty for a failure.
    pub packed: Bytes,
    /// Bytes of the records when unpacked; 0 for a failure.
    pub raw_len: u64,
    /// What a failing app said, for people.
    pub message: String,
}

/// Why a batch was not kept. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// No space; the same batch may be tried again.
    #[error("the disk of the store is full: nothing was changed; free some space")]
    Full,
    /// The guard of exactly-once: some unit of the batch has a settlement already.
    #[error("a unit of the batch is already settled: {0}")]
    AlreadySettled(String),
    /// Another server has taken over: this process must stop.
    #[error("another server has taken over the store: this one must stop")]
    Fenced,
    /// Anything else.
    #[error("the batch cannot be kept: {0}")]
    Other(#[source] StoreError),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Fenced => Self::Fenced,
            other => Self::Other(other),
        }
    }
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

/// A batch while it commits.
#[derive(Debug)]
struct Run {
    now: Time,
    at_unix_seconds: i64,
    jobs: Vec<JobInsert>,
    stages: Vec<Stage>,
    results: BTreeMap<(UnitKey, HostId), ResultBytes>,
    tables: Arc<BTreeMap<JobId, &'static [Table]>>,
}

impl Store {
    /// Keeps a batch in one transaction. When it returns, the batch is on disk; when it fails,
    /// nothing of it is. It runs to its end even if the caller is dropped.
    ///
    /// # Errors
    /// The disk is full, a unit has a settlement already, another server has taken over, or other.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let store = self.clone();
        owned(async move { store.commit_here(batch).await }).await
    }

    async fn commit_here(&self, batch: Batch) -> Result<(), CommitError> {
        let gate = self.inner.commit_gate.lock().await;
        let run = Run {
            now: batch.now,
            at_unix_seconds: batch.at_unix_seconds,
            jobs: batch.jobs,
            stages: Stage::all(batch.writes),
            results: batch
                .results
                .into_iter()
                .map(|result| ((result.unit, result.host), result))
                .collect(),
            tables: batch.tables,
        };
        self.objects_put(&run).await?;
        let objects = self.objects().clone();
        let left: Vec<Digest> = self
            .transact_here(move |connection| Box::pin(run.execute(connection, objects)))
            .await?;
        disk_point!("server.batch.lost").map_err(StoreError::from)?;
        drop(gate);
        for object in left {
            if let Err(error) = crate::sweep::remove_if_orphan(self, Sort::Result, object).await {
                tracing::warn!(%object, %error, "a result's object stays until the next sweep");
            }
        }
        Ok(())
    }

    /// Objects come before the rows that name them.
    async fn objects_put(&self, run: &Run) -> Result<(), StoreError> {
        for (unit, vote) in run.stages.iter().flat_map(Stage::results_kept) {
            if let Some(result) = run.results.get(&(*unit, vote.host.id))
                && result.packed.len() > RESULT_INLINE_MAX
            {
                let name = digest(&result.packed);
                self.objects().put(Sort::Result, &name, result.packed.clone()).await?;
                crash_point!("server.result.object");
            }
        }
        Ok(())
    }
}

impl Run {
    /// Gives the objects that rows named which are gone.
    async fn execute(
        mut self,
        connection: &mut SqliteConnection,
        objects: crate::object::Objects,
    ) -> Result<Vec<Digest>, CommitError> {
        sqlx::query("UPDATE server SET clock_ms = max(clock_ms, ?)")
            .bind(stored(self.now.0))
            .execute(&mut *connection)
            .await?;
        for job in std::mem::take(&mut self.jobs) {
            job::insert(connection, job).await?;
        }
        let mut left = Vec::new();
        for stage in std::mem::take(&mut self.stages) {
            queue::jobs_put(connection, &stage, self.at_unix_seconds).await?;
            queue::reopen(connection, &stage).await?;
            queue::units_put(connection, &stage).await?;
            result::insert(connection, &stage, &self.results).await?;
            queue::grants_insert(connection, &stage).await?;
            queue::leases_end(connection, &stage).await?;
            left.extend(settle::settle(connection, &objects, &stage, &self).await?);
            left.extend(split::split(connection, &stage).await?);
            queue::grants_end(connection, &stage).await?;
            if let Some(job) = stage.cleared {
                left.extend(clear::clear(connection, job).await?);
            }
        }
        disk_point!("server.batch.before").map_err(StoreError::from)?;
        Ok(left)
    }
}
