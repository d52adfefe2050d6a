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
             WHERE job = ? AND failure IS NOT NULL AND failure <> 'split' \
             ORDER BY slice, first, count LIMIT ? OFFSET ?",
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
            let (failure, next) = told(UnitFailure::of(&failure)?);
            let (message, next) = (message.unwrap_or_default(), next.into());
            failures.push(FailureRow { slice, first, count, documents, failure, message, next });
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
             WHERE job = ? AND failure IS NOT NULL AND failure <> 'split' \
             ORDER BY slice, first, count LIMIT ?",
        )
        .bind(job.0)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().map(unit_of).collect())
    }
}

/// What failed, and what to do about it.
fn told(failure: UnitFailure) -> (String, &'static str) {
    match failure {
        UnitFailure::App(FailureClass::Refused) => (
            "the app refused a document".into(),
            "look at the document; leave it out, or mend it and add it to another corpus",
        ),
        UnitFailure::App(FailureClass::Crashed) => (
            "the app crashed".into(),
            "report it to the app's author; job retry after an update of the clients, or, if \
             memory ran out, with clients that have more --memory",
        ),
        UnitFailure::App(FailureClass::TooLarge) => (
            "its result is over the limits".into(),
            "cut the document into several, in another corpus",
        ),
        UnitFailure::App(FailureClass::TimedOut) => (
            "a document took longer than the job's deadline".into(),
            "job retry with faster clients, or submit a job with a longer --deadline; if the app \
             never ends, report it to its author",
        ),
        UnitFailure::NotDeterministic => (
            "two own hosts returned different records: the app is not deterministic".into(),
            "run one version of the client on all own hosts, check their memory; job retry",
        ),
        UnitFailure::NoMajority => (
            format!("{UNIT_RESULTS_MAX} results and still no majority"),
            "job retry with an own host (invite create --trusted), which settles it alone",
        ),
        UnitFailure::Expired => (
            format!("its leases ran out {UNIT_EXPIRIES_MAX} times"),
            "look at the clients that held it; job retry with others",
        ),
    }
}
