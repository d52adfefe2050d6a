//! The data folder of a server: where its parts lie, and the locks that keep a second one out.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// A data folder that this process holds alone. Let go when it is dropped, or the process dies.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    _lock: Lock,
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

/// A lock file that this process holds alone.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    /// On a database, wherever it lies: its name with `.lock` behind it.
    pub(crate) fn beside(database: &Path) -> Result<Self, DataError> {
        if let Some(folder) = database.parent() {
            folder_make(folder)?;
        }
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        Self::take(Path::new(&path), database)
    }

    fn take(path: &Path, of: &Path) -> Result<Self, DataError> {
        let unusable = |source| DataError::Unusable { folder: of.into(), source };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
        let file = file.map_err(unusable)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(DataError::Held(of.into())),
            Err(error) => Err(unusable(error.into())),
        }
    }
}

/// Makes a folder that only this user can look into; one that is there is left as it is.
fn folder_make(folder: &Path) -> Result<(), DataError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| DataError::Unusable { folder: folder.into(), source })
}

impl Data {
    /// Makes the folder if there is none, and locks it.
    pub(crate) fn hold(folder: &Path) -> Result<Self, DataError> {
        folder_make(folder)?;
        Ok(Self { folder: folder.into(), _lock: Lock::take(&folder.join("lock"), folder)? })
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
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_server_is_kept_out_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Data::hold(folder.path()).unwrap();
        assert!(matches!(Data::hold(folder.path()), Err(DataError::Held(_))));
        drop(first);
        Data::hold(folder.path()).unwrap();
    }

    #[test]
    fn two_folders_cannot_share_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("elsewhere/gleaner.db");
        let first = Lock::beside(&database).unwrap();
        assert!(matches!(Lock::beside(&database), Err(DataError::Held(_))));
        drop(first);
        Lock::beside(&database).unwrap();
    }

    #[test]
    fn a_new_folder_is_for_its_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/data");
        let _data = Data::hold(&folder).unwrap();
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}
