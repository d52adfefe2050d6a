//! What tables take on disk: the pages of their trees, by SQLite's own count (dbstat).

use sqlx::SqliteConnection;

use crate::columns::size;
use crate::error::StoreError;

/// Bytes of all pages of a table and its indexes. Reads each of them.
pub(crate) async fn disk_bytes(
    connection: &mut SqliteConnection,
    sql_name: &str,
) -> Result<u64, StoreError> {
    let trees: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE tbl_name = ? AND rootpage > 0")
            .bind(sql_name.to_owned())
            .fetch_all(&mut *connection)
            .await?;
    let mut bytes = 0;
    for tree in trees {
        let pages: i64 = sqlx::query_scalar(
            "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ? AND aggregate = TRUE",
        )
        .bind(tree)
        .fetch_one(&mut *connection)
        .await?;
        bytes += size(pages);
    }
    Ok(bytes)
}
