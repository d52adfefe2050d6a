//! Tables that the finish step writes: replaced whole, once a generation.

use gleaner_failpoint::disk_point;
use gleaner_shared::id::JobId;
use gleaner_shared::table::{Row, Table};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::layout::{name_check, sql_name};
use crate::batch::{Cell, Shape};
use crate::error::StoreError;
use crate::store::Store;

/// Rows that are written between two looks at the iterator.
const STEP: usize = 4_096;

impl Store {
    /// Replaces all rows of a derived table in one transaction; the same again changes nothing. A
    /// generation that is older than what is there is left out.
    ///
    /// # Errors
    /// There is no such table, two rows have one key, or the database failed.
    pub async fn finish_replace(
        &self,
        job: JobId,
        generation: u32,
        table: &'static Table,
        rows: impl Iterator<Item = Row> + Send + 'static,
    ) -> Result<(), StoreError> {
        name_check(table.name)?;
        self.transact(move |connection| {
            Box::pin(async move {
                let taken = sqlx::query(
                    "UPDATE job_table SET generation = ?1 \
                     WHERE job = ?2 AND name = ?3 AND generation <= ?1",
                )
                .bind(generation)
                .bind(job.0)
                .bind(table.name)
                .execute(&mut *connection)
                .await?;
                if taken.rows_affected() == 0 {
                    return table_check(connection, job, table).await;
                }
                replace(connection, job, table, rows).await
            })
        })
        .await
    }
}

async fn table_check(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
) -> Result<(), StoreError> {
    let known: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM job_table WHERE job = ? AND name = ?)")
            .bind(job.0)
            .bind(table.name)
            .fetch_one(connection)
            .await?;
    if known {
        return Ok(());
    }
    Err(StoreError::Absent(format!("table {} of job {job}", table.name)))
}

async fn replace(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
    mut rows: impl Iterator<Item = Row>,
) -> Result<(), StoreError> {
    let name = sql_name(job, table.name);
    let delete = AssertSqlSafe(format!("DELETE FROM {name}"));
    sqlx::query(delete).persistent(false).execute(&mut *connection).await?;
    let head = format!("INSERT INTO {name} VALUES");
    let insert = Shape { head: &head, width: table.columns.len(), tail: "" };
    loop {
        let step: Vec<Row> = rows.by_ref().take(STEP).collect();
        if step.is_empty() {
            return Ok(());
        }
        if step.iter().any(|row| row.len() != table.columns.len()) {
            return Err(StoreError::Misuse(format!("a row does not fit table {}", table.name)));
        }
        let cells = step.into_iter().map(|row| row.into_iter().map(Cell::from));
        insert.execute(connection, cells).await?;
        disk_point!("server.finish.half")?;
    }
}
