//! Opening: connections, migrations, a new term.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gleaner_shared::limits::{STORE_BUSY, STORE_PATIENCE, STORE_READERS, STORE_STREAMS};
use gleaner_shared::measure::Time;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlSafeStr, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::object::{Objects, folder_make};
use crate::store::{Epoch, Inner, Store, Term, begin};

/// Where a store lies.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; made if there is none.
    pub database: PathBuf,
    /// The folder of objects; made if there is none.
    pub objects: PathBuf,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The process exits with 12.
    #[error(
        "the database {} has version {found}, this server knows up to {known}: it was written by a newer server; use that one",
        .path.display()
    )]
    VersionTooNew {
        /// Of the database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else.
    #[error("the store at {} cannot be opened: {source}", .path.display())]
    Failed {
        /// Of the database.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

/// How long a connection that nobody uses is kept; it holds up to its page cache.
const IDLE: Duration = Duration::from_secs(60);
/// Prepared statements that a connection keeps; multi-row ones take some 30 KiB.
const STATEMENTS: usize = 128;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "init", include_str!("../migrations/0001_init.sql")),
    (2, "split", include_str!("../migrations/0002_split.sql")),
    (3, "slots", include_str!("../migrations/0003_slots.sql")),
    (4, "stretch", include_str!("../migrations/0004_stretch.sql")),
];

impl Store {
    /// Opens or makes a store, brings its tables up to date and begins a new term.
    ///
    /// # Errors
    /// The database is newer than this program, or cannot be used.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let path = options.database.clone();
        match open(options).await {
            Ok(store) => Ok(store),
            Err(Refused::TooNew(found)) => {
                let known = MIGRATIONS.iter().map(|migration| migration.0).max().unwrap_or(0);
                Err(OpenError::VersionTooNew { path, found, known })
            }
            Err(Refused::Failed(source)) => Err(OpenError::Failed { path, source }),
        }
    }
}

enum Refused {
    TooNew(i64),
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn open(options: Options) -> Result<Store, Refused> {
    if let Some(folder) = options.database.parent() {
        folder_make(folder)?;
    }
    let objects = Objects::open(&options.objects)?;
    let base = SqliteConnectOptions::new()
        .filename(&options.database)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(STORE_BUSY.0))
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    let writing = base
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-4096")
        .pragma("wal_autocheckpoint", "4096")
        .pragma("journal_size_limit", "67108864");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_millis(STORE_PATIENCE.0))
        .test_before_acquire(false)
        .connect_with(writing)
        .await?;
    migrate(&writer).await?;
    let reading = base.read_only(true).pragma("cache_size", "-2048");
    let reading = |connections: u32| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .idle_timeout(IDLE)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_millis(STORE_PATIENCE.0))
            .connect_lazy_with(reading.clone())
    };
    let (readers, streams) = (reading(STORE_READERS), reading(STORE_STREAMS));
    let (epoch, term, clock) = term_begin(&writer).await?;
    let (commit_gate, object_gate) = (Mutex::new(()), Mutex::new(()));
    let inner =
        Inner { writer, readers, streams, objects, epoch, term, clock, commit_gate, object_gate };
    Ok(Store { inner: Arc::new(inner) })
}

async fn migrate(writer: &SqlitePool) -> Result<(), Refused> {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    let mut connection = writer.acquire().await?;
    if let Some(found) = version(&mut connection).await?
        && !migrator.version_exists(found)
    {
        return Err(Refused::TooNew(found));
    }
    Ok(migrator.run_direct(None, &mut *connection, false).await?)
}

async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
    let known: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut *connection)
            .await?;
    if known == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await?)
}

async fn term_begin(writer: &SqlitePool) -> Result<(Epoch, Term, Time), StoreError> {
    let mut connection = begin(writer).await?;
    let (epoch, term, clock): (i64, i64, i64) =
        sqlx::query_as("UPDATE server SET term = term + 1 RETURNING epoch, term, clock_ms")
            .fetch_one(&mut *connection)
            .await?;
    sqlx::query("COMMIT").execute(&mut *connection).await?;
    let (epoch, term) = (Epoch(epoch.cast_unsigned()), Term(term.cast_unsigned()));
    Ok((epoch, term, Time(clock.cast_unsigned())))
}
