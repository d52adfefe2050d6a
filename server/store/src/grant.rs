//! What goes with a grant and with a returned result: payload facts, a job in brief, digests to unit.

use gleaner_shared::id::{Digest, JobId};
use gleaner_shared::limits::GRANT_UNITS_MAX;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::wire::work::{Artefact, GrantUnit, JobBrief};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashMap;

use crate::columns::{digest_of, size};
use crate::corpus::slice_record;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The units of a grant as a host wants them, in order.
    ///
    /// # Errors
    /// A slice is not in the job's corpus, or the database failed.
    pub async fn grant_units(
        &self,
        job: JobId,
        units: &[(u32, DocRange)],
    ) -> Result<Vec<GrantUnit>, StoreError> {
        let mut payloads = HashMap::new();
        for part in units.chunks(GRANT_UNITS_MAX) {
            let select = format!(
                "SELECT number, digest, len_bytes, raw_bytes, docs, pack, offset_bytes FROM slice \
                 WHERE corpus = (SELECT corpus FROM job WHERE id = ?) AND number IN ({})",
                ["?"; GRANT_UNITS_MAX].join(", ")
            );
            let mut query = sqlx::query(AssertSqlSafe(select)).bind(job.0);
            for index in 0..GRANT_UNITS_MAX {
                // A short grant repeats its last slice, so that there is one statement.
                query = query.bind(part[index.min(part.len() - 1)].0);
            }
            for row in query.fetch_all(self.readers()).await? {
                let slice = slice_record(&row)?;
                payloads.insert(slice.number, slice.facts);
            }
        }
        let unit = |&(slice, docs): &(u32, DocRange)| {
            let payload = payloads.get(&slice).copied();
            payload.map(|payload| GrantUnit { payload, docs }).ok_or_else(|| {
                StoreError::Absent(format!("slice {slice} of the corpus of job {job}"))
            })
        };
        units.iter().map(unit).collect()
    }

    /// What a host must know of a job, if there is this job.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_brief(&self, job: JobId) -> Result<Option<JobBrief>, StoreError> {
        let row = sqlx::query(
            "SELECT job.digest, name, app, deadline_ms, data, len_bytes FROM job \
             LEFT JOIN artefact ON artefact.digest = job.data WHERE id = ?",
        )
        .bind(job.0)
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let digest: Vec<u8> = row.try_get(0)?;
        let (data, len): (Option<Vec<u8>>, Option<i64>) = (row.try_get(4)?, row.try_get(5)?);
        let data = match (data, len) {
            (Some(data), Some(len)) => Some(Artefact { digest: digest_of(&data)?, len: size(len) }),
            _ => None,
        };
        Ok(Some(JobBrief {
            digest: digest_of(&digest)?,
            name: row.try_get(1)?,
            app: row.try_get(2)?,
            params: self.job_params(job).await?,
            data,
            deadline: gleaner_shared::measure::Millis(size(row.try_get(3)?)),
        }))
    }

    /// The unit that a result names by digests, if the store has such a job and slice with these
    /// documents. Of several jobs with one digest, one that is not over comes first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unit_find(
        &self,
        job: Digest,
        payload: Digest,
        docs: DocRange,
    ) -> Result<Option<UnitKey>, StoreError> {
        let found: Option<(u32, u32)> = sqlx::query_as(
            "SELECT job.id, slice.number FROM job JOIN slice ON slice.corpus = job.corpus \
             WHERE job.digest = ? AND slice.digest = ? AND slice.docs >= ? \
             ORDER BY job.state IN ('done', 'cancelled'), job.id DESC LIMIT 1",
        )
        .bind(job.0.to_vec())
        .bind(payload.0.to_vec())
        .bind(docs.end())
        .fetch_optional(self.readers())
        .await?;
        let unit = |(job, slice)| UnitKey { job: JobId(job), slice, docs };
        Ok(found.filter(|_| docs.count > 0).map(unit))
    }
}
