//! One process at a time works in a data folder. The lock ends with the process, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::time::Instant;

use gleaner_shared::limits::{LOCK_PATIENCE, LOCK_PAUSE};

use super::folder::Folder;
use crate::talk::span;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock; `None` if another process has it and keeps it. A client that was killed while
    /// it started a process of its own leaves it to that for a moment.
    pub(crate) fn take(folder: &Folder) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(folder.lock())?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) if begun.elapsed() < span(LOCK_PATIENCE) => {
                    std::thread::sleep(span(LOCK_PAUSE));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_that_is_about_to_go_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        let first = Lock::take(&folder).unwrap();
        let (other, began) = (folder.clone(), std::sync::mpsc::channel());
        let second = std::thread::spawn(move || {
            began.0.send(()).unwrap();
            Lock::take(&other).unwrap()
        });
        began.1.recv().unwrap();
        drop(first);
        assert!(second.join().unwrap().is_some());
    }

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        let first = Lock::take(&folder).unwrap();
        assert!(first.is_some());
        assert!(Lock::take(&folder).unwrap().is_none());
        drop(first);
        assert!(Lock::take(&folder).unwrap().is_some());
    }
}
