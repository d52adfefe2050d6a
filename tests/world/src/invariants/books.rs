//! The database, asked in SQL.

use std::path::Path;

use anyhow::{Context, Result};
use gleaner_shared::id::Digest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, FromRow, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use super::Wrong;

/// Reads a struct from a row, each field from the column of its name.
macro_rules! from_row {
    ($kind:ident: $($field:ident),* $(,)?) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $kind {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?),* })
            }
        }
    };
}
pub(super) use from_row;

/// An open database.
#[derive(Debug)]
pub(super) struct Books {
    runtime: Runtime,
    connection: SqliteConnection,
}

impl Books {
    pub(super) fn open(database: &Path) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let options = SqliteConnectOptions::new().filename(database).create_if_missing(false);
        let connection = runtime.block_on(options.disable_statement_logging().connect());
        let connection = connection.with_context(|| database.display().to_string())?;
        Ok(Self { runtime, connection })
    }

    /// All rows of a question. Numbers stand in its text; names are the store's own.
    pub(super) fn all<T>(&mut self, select: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let query = sqlx::query_as::<_, T>(AssertSqlSafe(select.to_owned()));
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        rows.with_context(|| select.to_owned())
    }

    /// The same as they come.
    pub(super) fn rows(&mut self, select: &str) -> Result<Vec<SqliteRow>> {
        let query = sqlx::query(AssertSqlSafe(select.to_owned()));
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        rows.with_context(|| select.to_owned())
    }

    /// The one number that a question has.
    pub(super) fn number(&mut self, select: &str) -> Result<i64> {
        let rows: Vec<(i64,)> = self.all(select)?;
        Ok(rows.first().with_context(|| format!("{select} has no row"))?.0)
    }

    /// That SQLite itself finds nothing wrong, and invites were not used too often.
    pub(super) fn check(&mut self, wrong: &mut Wrong) -> Result<()> {
        for (line,) in self.all::<(String,)>("PRAGMA integrity_check")? {
            wrong.unless(line == "ok", || format!("the database is damaged: {line}"));
        }
        let strays = self.rows("PRAGMA foreign_key_check")?.len();
        wrong.unless(strays == 0, || format!("{strays} rows name others that are not there"));
        let invites = self.all::<(i64, i64, i64, i64)>(
            "SELECT id, uses, used, (SELECT count(*) FROM invite_use WHERE invite = id) FROM invite",
        )?;
        for (id, uses, used, hosts) in invites {
            wrong.unless(used == hosts && used <= uses, || {
                format!("invite {id} for {uses} counts {used} uses by {hosts} hosts")
            });
        }
        Ok(())
    }
}

/// The 32 bytes of a column.
pub(super) fn digest_of(bytes: &[u8]) -> Result<Digest> {
    Ok(Digest(bytes.try_into().context("a digest has not 32 bytes")?))
}
