//! A new job: its row, parameters and tables.

use gleaner_shared::id::{CorpusId, Digest, JobId};
use gleaner_shared::limits::PARAMS_MAX;
use gleaner_shared::table::Table;
use sqlx::SqliteConnection;

use super::CommitError;
use crate::batch::Shape;
use crate::columns::stored;
use crate::error::{StoreError, is_conflict};
use crate::table::layout;

/// A job to insert. The engine's part comes with its `JobPut` in the same batch.
#[derive(Clone, Debug)]
pub struct JobInsert {
    /// From [`crate::Store::job_id_next`].
    pub job: JobId,
    /// Unique among jobs.
    pub name: String,
    /// What names it in results.
    pub digest: Digest,
    /// `name@version`.
    pub app: String,
    /// The app's parameters.
    pub params: Vec<(String, String)>,
    /// The app's data, an artefact that was put before.
    pub data: Option<Digest>,
    /// Its corpus.
    pub corpus: CorpusId,
    /// In seconds since 1970 UTC.
    pub submitted_at_unix_seconds: i64,
    /// Tables that results are merged into, as the app declares them.
    pub tables: &'static [Table],
    /// Tables that the finish step writes.
    pub derived: &'static [Table],
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    job: JobInsert,
) -> Result<(), CommitError> {
    if job.params.len() > PARAMS_MAX {
        return Err(StoreError::Misuse(format!("job {} has too many parameters", job.name)).into());
    }
    row_insert(connection, &job).await?;
    let params = job.params.into_iter().enumerate().map(|(position, (name, value))| {
        [job.job.0.into(), stored(position as u64).into(), name.into(), value.into()]
    });
    let insert = Shape { head: "INSERT INTO job_param VALUES", width: 4, tail: "" };
    insert.execute(connection, params).await?;
    layout::create(connection, job.job, job.tables, job.derived).await?;
    Ok(())
}

async fn row_insert(connection: &mut SqliteConnection, job: &JobInsert) -> Result<(), CommitError> {
    let taken = sqlx::query("UPDATE server SET last_job = ?1 WHERE last_job < ?1")
        .bind(job.job.0)
        .execute(&mut *connection)
        .await?;
    if taken.rows_affected() != 1 {
        return Err(StoreError::Misuse(format!("job number {} was given before", job.job)).into());
    }
    // The engine's part is put by this batch's `JobPut`; until then it is a job of nothing.
    let inserted = sqlx::query(
        "INSERT INTO job (id, name, digest, app, data, corpus, submitted_unix, copies, own_copies, \
         priority, deadline_ms, state, slices, next_slice, merged, failed, generation) \
         VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, 1, 0, 'paused', 0, 0, 0, 0, 0)",
    )
    .bind(job.job.0)
    .bind(job.name.clone())
    .bind(job.digest.0.to_vec())
    .bind(job.app.clone())
    .bind(job.data.map(|data| data.0.to_vec()))
    .bind(job.corpus.0)
    .bind(job.submitted_at_unix_seconds)
    .execute(connection)
    .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if is_conflict(&error) => {
            Err(StoreError::Misuse(format!("there is a job {:?} already", job.name)).into())
        }
        Err(error) => Err(error.into()),
    }
}
