//! A trial of merging: records go into tables as a job has them, by the statements that merge, to
//! see what they take on disk. The database is a temporary one of SQLite, which has no name, spills
//! what its cache does not hold, and is gone with its connection, whatever happens.

use gleaner_shared::id::JobId;
use gleaner_shared::records::Tables;
use gleaner_shared::table::{ColumnType, Spread, Table};
use gleaner_shared::wire::admin::plan::TrialTable;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use super::layout::{sql_name, table_make};
use super::size::disk_bytes;
use super::write;
use crate::error::StoreError;

/// No job has this number.
const JOB: JobId = JobId(0);
/// What a derived column without a source is filled with: a short label, a number of three bytes.
const FILLERS: (&str, &str) = ("'a label of sixteen'", "100000");

/// Tables that nobody keeps.
#[derive(Debug)]
pub struct Trial {
    connection: SqliteConnection,
    tables: &'static [Table],
    derived: &'static [Table],
}

impl Trial {
    /// Empty tables.
    ///
    /// # Errors
    /// SQLite failed.
    pub async fn begin(
        tables: &'static [Table],
        derived: &'static [Table],
    ) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename("")
            .journal_mode(SqliteJournalMode::Off)
            .pragma("cache_size", "-8192")
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        for table in tables {
            table_make(&mut connection, JOB, table, table.spread).await?;
        }
        for table in derived {
            table_make(&mut connection, JOB, table, Spread::Unit).await?;
        }
        sqlx::query("BEGIN").execute(&mut connection).await?;
        Ok(Self { connection, tables, derived })
    }

    /// Merges the records of one unit.
    ///
    /// # Errors
    /// SQLite failed.
    pub async fn merge(&mut self, records: Tables) -> Result<(), StoreError> {
        for (table, rows) in self.tables.iter().zip(records) {
            let rows = rows.into_iter().map(|row| (row, 1)).collect();
            write::merge(&mut self.connection, JOB, table, rows).await?;
        }
        Ok(())
    }

    /// Fills the derived tables: each gets a row for each row of the merged table that `rows_of`
    /// names in its place, with the values of the columns that both have.
    ///
    /// # Errors
    /// There is no such table, or SQLite failed.
    pub async fn derive(&mut self, rows_of: &[&str]) -> Result<(), StoreError> {
        for (table, source) in self.derived.iter().zip(rows_of) {
            let source = self.tables.iter().find(|table| table.name == *source);
            let absent = || StoreError::Absent(format!("the source of table {}", table.name));
            let source = source.ok_or_else(absent)?;
            let values = table.columns.iter().map(|column| {
                let known = source.columns.iter().any(|other| other.name == column.name);
                match (known, column.kind) {
                    (true, _) => format!("\"{}\"", column.name),
                    (false, ColumnType::Text) => FILLERS.0.to_owned(),
                    (false, ColumnType::Int) => FILLERS.1.to_owned(),
                }
            });
            let values = values.collect::<Vec<_>>().join(", ");
            let (target, source) = (sql_name(JOB, table.name), sql_name(JOB, source.name));
            let insert = format!("INSERT INTO {target} SELECT {values} FROM {source}");
            sqlx::query(AssertSqlSafe(insert)).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    /// The tables as they are now, merged ones first.
    ///
    /// # Errors
    /// SQLite failed.
    pub async fn sizes(mut self) -> Result<Vec<TrialTable>, StoreError> {
        let mut sizes = Vec::new();
        for table in self.tables.iter().chain(self.derived) {
            let name = sql_name(JOB, table.name);
            let count = format!("SELECT count(*) FROM {name}");
            let rows: i64 =
                sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut self.connection).await?;
            let disk_bytes = disk_bytes(&mut self.connection, &name).await?;
            let rows = rows.cast_unsigned();
            sizes.push(TrialTable { table: table.name.to_owned(), rows, disk_bytes });
        }
        Ok(sizes)
    }
}
