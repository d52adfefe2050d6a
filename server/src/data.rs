//! The data folder of a server: where its parts lie, and the lock that keeps a second one out.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// A data folder that this process holds alone. Let go when it is dropped, or the process dies.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    _lock: File,
}

/// Why a folder cannot be held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// Another server holds it.
    #[error("another server runs on {}", .0.display())]
    Held(PathBuf),
    /// It cannot be made or written.
    #[error("the folder {} cannot be used: {source}", .folder.display())]
    Unusable { folder: PathBuf, source: io::Error },
}

impl Data {
    /// Makes the folder if there is none, and locks it.
    pub(crate) fn hold(folder: &Path) -> Result<Self, DataError> {
        let unusable = |source| DataError::Unusable { folder: folder.into(), source };
        fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let lock = lock.map_err(unusable)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { folder: folder.into(), _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(DataError::Held(folder.into())),
            Err(error) => Err(unusable(error.into())),
        }
    }

    /// The server's key.
    pub(crate) fn identity(&self) -> PathBuf {
        self.folder.join("identity.key")
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("gleaner.db")
    }

    /// Payloads, artefacts and large results.
    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.join("objects")
    }

    /// The socket of the admin command line.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("admin.sock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_kept_out_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Data::hold(folder.path()).unwrap();
        assert!(matches!(Data::hold(folder.path()), Err(DataError::Held(_))));
        drop(first);
        Data::hold(folder.path()).unwrap();
    }
}
