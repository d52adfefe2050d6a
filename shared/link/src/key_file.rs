//! An identity on disk: one PKCS#8 file that only its owner can read.
//!
//! A file appears whole or not at all, and an existing one is never replaced: losing a key means to
//! be a stranger to everyone.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use gleaner_shared::limits::KEY_FILE_BYTES_MAX;

use crate::identity::Identity;
use crate::random::random_bytes;

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is no such file.
    #[error("there is no identity file {0}; a machine gets one when it joins or is set up")]
    Missing(PathBuf),
    /// Others can read the file.
    #[error(
        "identity file {path} can be used by other users (mode {mode:04o}), and whoever has it \
         can pose as this machine; run: chmod 600 {path}"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error(
        "{0} is not an Ed25519 key in PKCS#8 form; restore it from a backup, or move it away and \
         join again as a new machine"
    )]
    Damaged(PathBuf),
    /// The system refused.
    #[error("cannot {act} identity file {path}: {source}")]
    Io {
        /// What was tried.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Identity {
    /// The identity in a file.
    ///
    /// # Errors
    /// No such file, one that others can read, one that holds no key, or the system's.
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::NotFound => IdentityError::Missing(path.into()),
            _ => IdentityError::Io { act: "read", path: path.into(), source },
        };
        let file = File::open(path).map_err(failed)?;
        refuse_exposed(path, &file)?;
        let mut bytes = Vec::new();
        file.take(KEY_FILE_BYTES_MAX as u64).read_to_end(&mut bytes).map_err(failed)?;
        Self::from_pkcs8(&bytes).ok_or_else(|| IdentityError::Damaged(path.into()))
    }

    /// The identity in a file; a new one if there is no file yet. Its folder must exist. Two
    /// processes that do this at once get the same identity.
    ///
    /// # Errors
    /// As [`Identity::load`], and if the file cannot be written.
    pub fn load_or_create(path: &Path) -> Result<Self, IdentityError> {
        match Self::load(path) {
            Err(IdentityError::Missing(_)) => {}
            found => return found,
        }
        create(path, &Self::generate()).map_err(|source| IdentityError::Io {
            act: "create",
            path: path.into(),
            source,
        })?;
        Self::load(path)
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, file: &File) -> Result<(), IdentityError> {
    use std::os::unix::fs::PermissionsExt;
    let meta = file.metadata().map_err(|source| IdentityError::Io {
        act: "read",
        path: path.into(),
        source,
    })?;
    let mode = meta.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(IdentityError::Exposed { path: path.into(), mode })
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &File) -> Result<(), IdentityError> {
    Ok(())
}

/// Writes beside the file, then gives it its name, if nobody else was faster.
fn create(path: &Path, identity: &Identity) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", HEXLOWER.encode(&random_bytes::<8>())));
    let draft = folder.join(name);
    let written = write_draft(&draft, identity.pkcs8()).and_then(|()| give_name(&draft, path));
    // After a rename there is nothing to remove; any other trouble was told already.
    let _ = std::fs::remove_file(&draft);
    written?;
    sync_folder(folder)
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A link, unlike a rename, never replaces what another process has just put there. File systems
/// without links get the rename.
fn give_name(draft: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(_) => std::fs::rename(draft, path),
        Ok(()) => Ok(()),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_second_load_gives_the_same_identity_from_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.key");
        let made = Identity::load_or_create(&path).unwrap();
        assert_eq!(Identity::load_or_create(&path).unwrap().id(), made.id());
        assert_eq!(Identity::load(&path).unwrap().id(), made.id());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.key");
        Identity::load_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o644, 0o622] {
            set_mode(&path, mode);
            let message = Identity::load_or_create(&path).unwrap_err().to_string();
            assert!(message.contains(&format!("mode {mode:04o}")), "{message}");
            assert!(message.contains("chmod 600"), "{message}");
        }
    }

    #[test]
    fn a_damaged_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.key");
        for bytes in [&b""[..], b"no key", &[0x30; 10_000]] {
            std::fs::write(&path, bytes).unwrap();
            set_mode(&path, 0o600);
            let error = Identity::load_or_create(&path).unwrap_err();
            assert!(matches!(error, IdentityError::Damaged(_)), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("identity.key");
        assert!(matches!(Identity::load(&path), Err(IdentityError::Missing(_))));
        let message = Identity::load_or_create(&path).unwrap_err().to_string();
        assert!(message.starts_with("cannot create identity file"), "{message}");
    }

    #[test]
    fn two_that_create_at_once_get_one_identity() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("identity.key");
        let ids = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(move || Identity::load_or_create(path).unwrap().id()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}
