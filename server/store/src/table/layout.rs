//! The layout of result tables: `job7_edges` with the app's columns, its key columns as the primary
//! key. Tables that units share also count the units that each row came from, in `_units`.
//!
//! Names are the app's own words, checked here before they stand in a statement.

use gleaner_shared::id::JobId;
use gleaner_shared::table::{Column, ColumnType, Spread, Table};
use gleaner_shared::wire::admin::result::TableRow;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::size::disk_bytes;
use crate::columns::{size, stored};
use crate::error::StoreError;
use crate::query;
use crate::store::Store;

/// The column that counts a row's units.
pub(crate) const UNITS: &str = "_units";

/// A table's name in SQL.
pub(crate) fn sql_name(job: JobId, table: &str) -> String {
    format!("job{job}_{table}")
}

/// Column names, quoted and separated by commas.
pub(crate) fn list(columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    names.join(", ")
}

/// Lower-case ASCII letters, digits and `_`, from a letter on: safe inside quotes and beside them.
pub(crate) fn name_check(name: &str) -> Result<(), StoreError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(fits) && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(StoreError::Misuse(format!("{name:?} cannot be the name of a table or column")))
}

/// Makes the tables of a new job.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    job: JobId,
    merged: &[Table],
    derived: &[Table],
) -> Result<(), StoreError> {
    let merged = merged.iter().map(|table| (table, table.spread));
    // A derived table is written whole: there are no units to count.
    let derived = derived.iter().map(|table| (table, Spread::Unit));
    for (position, (table, spread)) in merged.chain(derived).enumerate() {
        table_make(connection, job, table, spread).await?;
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        sqlx::query("INSERT INTO job_table VALUES (?, ?, ?, ?, ?, 0)")
            .bind(job.0)
            .bind(stored(position as u64))
            .bind(table.name)
            .bind(sql_name(job, table.name))
            .bind(names.join(","))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Makes one table and its indexes.
pub(crate) async fn table_make(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
    spread: Spread,
) -> Result<(), StoreError> {
    let make = AssertSqlSafe(statement(job, table, spread)?);
    sqlx::query(make).persistent(false).execute(&mut *connection).await?;
    for index in query::indexes(job, table) {
        sqlx::query(AssertSqlSafe(index)).persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

fn statement(job: JobId, table: &Table, spread: Spread) -> Result<String, StoreError> {
    name_check(table.name)?;
    let mut parts = Vec::new();
    for column in table.columns {
        name_check(column.name)?;
        let kind = match column.kind {
            ColumnType::Text => "TEXT",
            ColumnType::Int => "INTEGER",
        };
        parts.push(format!("\"{}\" {kind} NOT NULL", column.name));
    }
    if spread == Spread::Shared {
        parts.push(format!("{UNITS} INTEGER NOT NULL"));
    }
    let keys = table.keys();
    if keys == 0 {
        return Err(StoreError::Misuse(format!("table {:?} has no key", table.name)));
    }
    parts.push(format!("PRIMARY KEY ({})", list(&table.columns[..keys])));
    let (name, parts) = (sql_name(job, table.name), parts.join(", "));
    Ok(format!("CREATE TABLE {name} ({parts}) STRICT, WITHOUT ROWID"))
}

impl Store {
    /// The tables of a job with their rows and sizes now. Reads all of them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn table_list(&self, job: JobId) -> Result<Vec<TableRow>, StoreError> {
        let found: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT name, sql_name, columns FROM job_table WHERE job = ? ORDER BY position",
        )
        .bind(job.0)
        .fetch_all(self.readers())
        .await?;
        let mut tables = Vec::with_capacity(found.len());
        for (table, sql_name, columns) in found {
            let rows = self.row_count(job, &table).await?;
            let disk_bytes = {
                let mut reader = self.readers().acquire().await?;
                disk_bytes(&mut reader, &sql_name).await?
            };
            let columns = columns.split(',').map(str::to_owned).collect();
            tables.push(TableRow { table, sql_name, columns, rows, disk_bytes });
        }
        Ok(tables)
    }

    /// How many rows a table of a job has now.
    ///
    /// # Errors
    /// There is no such table, or the database failed.
    pub async fn row_count(&self, job: JobId, table: &str) -> Result<u64, StoreError> {
        name_check(table)?;
        let count = format!("SELECT count(*) FROM {}", sql_name(job, table));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(self.readers()).await?;
        Ok(size(rows))
    }
}
