//! Units that were given up.

use gleaner_shared::id::JobId;
use gleaner_shared::limits::{
    FAILURE_DOCS_MAX, RETRY_UNITS_MAX, UNIT_EXPIRIES_MAX, UNIT_RESULTS_MAX,
};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::{FailureClass, UnitFailure};
use gleaner_shared::wire::admin::job::FailureRow;

use crate::columns::{Word as _, unit_of};
use crate::error::StoreError;
use crate::store::{Page, Store};

impl Store {
    /// The failed units of a job, in order, with the ids of their first documents.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job_failures(
        &self,
        job: JobId,
        page: Page,
    ) -> Result<Vec<FailureRow>, StoreError> {
        let rows: Vec<(u32, u32, u32, String, Option<String>)> = sqlx::query_as(
            "SELECT slice, first, count, failure, message FROM settled \
             WHERE job = ? AND failure IS NOT NULL ORDER BY slice, first, count LIMIT ? OFFSET ?",
        )
        .bind(job.0)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(self.readers())
        .await?;
        let mut failures = Vec::with_capacity(rows.len());
        for (slice, first, count, failure, message) in rows {
            let documents = sqlx::query_scalar(
                "SELECT id FROM document WHERE corpus = (SELECT corpus FROM job WHERE id = ?) \
                 AND slice = ? AND position >= ? ORDER BY position LIMIT ?",
            )
            .bind(job.0)
            .bind(slice)
            .bind(first)
            .bind(count.min(FAILURE_DOCS_MAX))
            .fetch_all(self.readers())
            .await?;
            let failure = told(UnitFailure::of(&failure)?);
            let message = message.unwrap_or_default();
            failures.push(FailureRow { slice, first, count, documents, failure, message });
        }
        Ok(failures)
    }

    /// At most `limit` failed units of a job, in order, for a retry.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failed_units(&self, job: JobId, limit: usize) -> Result<Vec<UnitKey>, StoreError> {
        let limit = u32::try_from(limit.min(RETRY_UNITS_MAX)).unwrap_or(u32::MAX);
        let rows = sqlx::query_as(
            "SELECT job, slice, first, count FROM settled \
             WHERE job = ? AND failure IS NOT NULL ORDER BY slice, first, count LIMIT ?",
        )
        .bind(job.0)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().map(unit_of).collect())
    }
}

fn told(failure: UnitFailure) -> String {
    match failure {
        UnitFailure::App(FailureClass::Refused) => "the app refused a document".into(),
        UnitFailure::App(FailureClass::Crashed) => "the app crashed".into(),
        UnitFailure::App(FailureClass::TooLarge) => "its result is over the limits".into(),
        UnitFailure::NotDeterministic => {
            "two own hosts returned different records: the app is not deterministic".into()
        }
        UnitFailure::NoMajority => {
            format!("{UNIT_RESULTS_MAX} results and still no majority")
        }
        UnitFailure::Expired => format!("its leases ran out {UNIT_EXPIRIES_MAX} times"),
    }
}
