//! A cancelled job: its open units, results and grants go.

use gleaner_shared::id::{Digest, JobId};
use sqlx::SqliteConnection;

use super::CommitError;
use crate::columns::digest_of;

/// Gives the objects that its results named.
pub(super) async fn clear(
    connection: &mut SqliteConnection,
    job: JobId,
) -> Result<Vec<Digest>, CommitError> {
    let objects: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT DISTINCT object FROM result WHERE job = ? AND object IS NOT NULL",
    )
    .bind(job.0)
    .fetch_all(&mut *connection)
    .await?;
    for delete in [
        "DELETE FROM result WHERE job = ?",
        "DELETE FROM unit WHERE job = ?",
        "DELETE FROM grant_open WHERE job = ?",
    ] {
        sqlx::query(delete).bind(job.0).execute(&mut *connection).await?;
    }
    Ok(objects.iter().map(|object| digest_of(object)).collect::<Result<_, _>>()?)
}
