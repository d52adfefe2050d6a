//! Jobs: rows, lists, counts.

use gleaner_engine::effect::{JobRow, JobState};
use gleaner_shared::id::{CorpusId, Digest, JobId};
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::columns::{Word as _, digest_of, size};
use crate::error::StoreError;
use crate::store::Store;

pub(crate) mod failure;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its number.
    pub id: JobId,
    /// The engine's part, as of the last commit.
    pub row: JobRow,
    /// Its name, unique.
    pub name: String,
    /// What names it in results.
    pub digest: Digest,
    /// `name@version`.
    pub app: String,
    /// The app's parameters, in the order given.
    pub params: Vec<(String, String)>,
    /// The app's data.
    pub data: Option<Digest>,
    /// Its corpus.
    pub corpus: CorpusId,
    /// That corpus's name.
    pub corpus_name: String,
    /// When it was submitted, in seconds since 1970 UTC.
    pub submitted_at_unix_seconds: i64,
    /// When it was done or cancelled, in seconds since 1970 UTC.
    pub done_at_unix_seconds: Option<i64>,
    /// Its open units.
    pub units: UnitCounts,
}

/// Open units that have a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitCounts {
    /// All of them.
    pub rows: u64,
    /// Those with counted results.
    pub checking: u64,
}

const JOB_SELECT: &str = "SELECT job.id, job.name, job.digest, app, data, corpus, corpus.name, \
     submitted_unix, done_unix, \
     (SELECT count(*) FROM unit WHERE unit.job = job.id), \
     (SELECT count(*) FROM unit WHERE unit.job = job.id AND EXISTS (SELECT 1 FROM result WHERE \
     result.job = unit.job AND result.slice = unit.slice AND result.first = unit.first \
     AND result.count = unit.count)), \
     copies, own_copies, priority, deadline_ms, state, job.slices, next_slice, merged, failed, \
     splits, generation FROM job JOIN corpus ON corpus.id = job.corpus";

/// The columns from `copies` to `generation`, wherever they begin.
pub(crate) fn engine_row(row: &SqliteRow, from: usize) -> Result<JobRow, StoreError> {
    let state: String = row.try_get(from + 4)?;
    Ok(JobRow {
        policy: Policy {
            copies: row.try_get(from)?,
            own_copies: row.try_get(from + 1)?,
            priority: row.try_get(from + 2)?,
            deadline: Millis(size(row.try_get(from + 3)?)),
        },
        state: JobState::of(&state)?,
        slices: row.try_get(from + 5)?,
        next_slice: row.try_get(from + 6)?,
        merged: row.try_get(from + 7)?,
        failed: row.try_get(from + 8)?,
        splits: row.try_get(from + 9)?,
        generation: row.try_get(from + 10)?,
    })
}

fn job_record(row: &SqliteRow) -> Result<JobRecord, StoreError> {
    let digest: Vec<u8> = row.try_get(2)?;
    let data: Option<Vec<u8>> = row.try_get(4)?;
    Ok(JobRecord {
        id: JobId(row.try_get(0)?),
        row: engine_row(row, 11)?,
        name: row.try_get(1)?,
        digest: digest_of(&digest)?,
        app: row.try_get(3)?,
        params: Vec::new(),
        data: data.as_deref().map(digest_of).transpose()?,
        corpus: CorpusId(row.try_get(5)?),
        corpus_name: row.try_get(6)?,
        submitted_at_unix_seconds: row.try_get(7)?,
        done_at_unix_seconds: row.try_get(8)?,
        units: UnitCounts { rows: size(row.try_get(9)?), checking: size(row.try_get(10)?) },
    })
}

impl Store {
    /// A number for a new job, which no job had before. One caller at a time: the number is taken
    /// by the commit that inserts the job.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_id_next(&self) -> Result<JobId, StoreError> {
        let last: u32 =
            sqlx::query_scalar("SELECT last_job FROM server").fetch_one(self.readers()).await?;
        Ok(JobId(last + 1))
    }

    /// The job of this name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_find(&self, name: &str) -> Result<Option<JobRecord>, StoreError> {
        let select = AssertSqlSafe(format!("{JOB_SELECT} WHERE job.name = ?"));
        let row = sqlx::query(select).bind(name.to_owned()).fetch_optional(self.readers()).await?;
        self.job_complete(row).await
    }

    /// The job of this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_find_by_id(&self, job: JobId) -> Result<Option<JobRecord>, StoreError> {
        let select = AssertSqlSafe(format!("{JOB_SELECT} WHERE job.id = ?"));
        let row = sqlx::query(select).bind(job.0).fetch_optional(self.readers()).await?;
        self.job_complete(row).await
    }

    /// All jobs, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_list(&self) -> Result<Vec<JobRecord>, StoreError> {
        let select = AssertSqlSafe(format!("{JOB_SELECT} ORDER BY job.id"));
        let rows = sqlx::query(select).fetch_all(self.readers()).await?;
        let mut jobs = Vec::with_capacity(rows.len());
        for row in rows {
            jobs.extend(self.job_complete(Some(row)).await?);
        }
        Ok(jobs)
    }

    async fn job_complete(&self, row: Option<SqliteRow>) -> Result<Option<JobRecord>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let mut job = job_record(&row)?;
        job.params = self.job_params(job.id).await?;
        Ok(Some(job))
    }

    pub(crate) async fn job_params(&self, job: JobId) -> Result<Vec<(String, String)>, StoreError> {
        let params =
            sqlx::query_as("SELECT name, value FROM job_param WHERE job = ? ORDER BY position")
                .bind(job.0)
                .fetch_all(self.readers())
                .await?;
        Ok(params)
    }
}
