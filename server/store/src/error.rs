//! What can go wrong in any call. Calls with facts of their own have an enum beside them.

use std::error::Error;
use std::fmt;
use std::io;

/// An error of the database driver or the object store, opaque outside of this room.
pub struct Fault(Box<dyn Error + Send + Sync>);

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Why a call to the store failed. Nothing was changed by it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space; try again when there is some.
    #[error("the disk of the store is full: nothing was changed; free some space")]
    Full,
    /// The term or epoch in the database is another: this process must stop.
    #[error("another server has taken over the store: this one must stop")]
    Fenced,
    /// The database.
    #[error("the database failed: {0}")]
    Database(#[source] Fault),
    /// The folder of objects.
    #[error("the object store failed: {0}")]
    Objects(#[source] Fault),
    /// What was read is not what was written.
    #[error("{what} is damaged: {why}; restore it from a backup")]
    Damaged {
        /// What, with its place.
        what: String,
        /// How that shows.
        why: String,
    },
    /// There is no such thing.
    #[error("{0} is not in the store")]
    Absent(String),
    /// A call that cannot be meant so.
    #[error("{0}")]
    Misuse(String),
}

impl StoreError {
    pub(crate) fn damaged(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Damaged { what: what.into(), why: why.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Database(Fault(Box::new(error))) }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error)
            | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => error.into(),
            error => Self::Database(Fault(Box::new(error))),
        }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if has_storage_full(&error) { Self::Full } else { Self::Objects(Fault(Box::new(error))) }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if has_storage_full(&error) { Self::Full } else { Self::Objects(Fault(Box::new(error))) }
    }
}

/// `SQLITE_FULL`, and what SQLite says when the shared memory of the log cannot grow
/// (`SQLITE_IOERR_SHMSIZE`). Extended codes: <https://www.sqlite.org/rescode.html>.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("13" | "4874"))
}

fn has_storage_full(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// Whether a statement met a row with the same unique key.
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}
