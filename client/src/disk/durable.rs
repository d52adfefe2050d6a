//! Files that appear whole or not at all, and stay once they are there: draft, fsync, rename, fsync.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use gleaner_failpoint::disk_point;

/// The ending of drafts. What has it when a process begins is of a process that died.
pub(crate) const DRAFT: &str = "draft";

/// Puts a file of these parts into `folder`, in place of an older one. When it returns, the file
/// survives a power cut; when it fails, the older one still stands.
pub(crate) fn put(folder: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let draft = folder.join(format!("{name}.{DRAFT}"));
    let written = write(&draft, parts).and_then(|()| fs::rename(&draft, folder.join(name)));
    if let Err(error) = written {
        // A draft takes room on a disk that may be full; without it nothing is lost.
        let _gone = fs::remove_file(&draft);
        return Err(error);
    }
    disk_point!("client.file.renamed")?;
    File::open(folder)?.sync_all()
}

fn write(draft: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    for part in parts {
        file.write_all(part)?;
    }
    disk_point!("client.file.written")?;
    file.sync_all()?;
    disk_point!("client.file.synced")
}

/// Removes a file; that there is none is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the drafts of a process that died.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == DRAFT) {
            remove(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "a", &[b"one"]).unwrap();
        put(folder.path(), "a", &[b"t", b"wo"]).unwrap();
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_keeps_the_older_file_and_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        assert!(put(folder.path(), "a", &[b"one"]).is_err());
        assert!(folder.path().join("a").is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn drafts_of_the_dead_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.draft", "b.draft", "c"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        sweep(folder.path()).unwrap();
        assert!(folder.path().join("c").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
