//! Payloads and artefacts on disk, each named by its digest. A file without the ending `part` was
//! whole and checked when it got its name; who uses it checks it again, because disks lie.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gleaner_failpoint::disk_point;
use gleaner_shared::digest::Hasher;
use gleaner_shared::id::Digest;
use gleaner_shared::wire::work::Fetched;
use serde::{Deserialize, Serialize};

use super::durable;
use super::folder::Folder;

/// Bytes read at once while a part is hashed again.
const READ_BYTES: usize = 64 * 1024;

/// A payload or an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Item {
    /// The data of jobs. Before payloads: units wait for it longest.
    Artefact(Digest),
    /// The documents of units.
    Payload(Digest),
}

impl Item {
    /// What its bytes must hash to.
    pub(crate) fn digest(self) -> Digest {
        match self {
            Self::Artefact(digest) | Self::Payload(digest) => digest,
        }
    }

    /// The same on the wire.
    pub(crate) fn fetched(self) -> Fetched {
        match self {
            Self::Artefact(digest) => Fetched::Artefact(digest),
            Self::Payload(digest) => Fetched::Payload(digest),
        }
    }
}

/// The two folders.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    payloads: PathBuf,
    artefacts: PathBuf,
}

impl Blobs {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        Self { payloads: folder.payloads(), artefacts: folder.artefacts() }
    }

    /// Where an item lies once it is whole.
    pub(crate) fn path(&self, item: Item) -> PathBuf {
        match item {
            Item::Artefact(digest) => self.artefacts.join(digest.to_string()),
            Item::Payload(digest) => self.payloads.join(digest.to_string()),
        }
    }

    /// Whether an item is there with that length.
    pub(crate) fn has(&self, item: Item, len: u64) -> bool {
        fs::metadata(self.path(item)).is_ok_and(|meta| meta.is_file() && meta.len() == len)
    }

    /// Forgets an item, whole or begun.
    pub(crate) fn remove(&self, item: Item) -> io::Result<()> {
        durable::remove(&self.path(item))?;
        durable::remove(&part_path(&self.path(item)))
    }

    /// Goes on with what has come of an item that has `len` bytes.
    pub(crate) fn resume(&self, item: Item, len: u64) -> io::Result<Part> {
        let target = self.path(item);
        let path = part_path(&target);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(&path)?;
        if file.metadata()?.len() > len {
            file.set_len(0)?;
        }
        let (mut hasher, mut have) = (Hasher::new(), 0);
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => {
                    hasher.update(&buffer[..read]);
                    have += read as u64;
                }
            }
        }
        Ok(Part { file, path, target, hasher, have, wanted: item.digest() })
    }

    /// Removes all payloads but these: the others' units are gone.
    pub(crate) fn keep_payloads(&self, keep: impl Fn(Digest) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.payloads)? {
            let path = entry?.path();
            let digest = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            if !digest.is_some_and(&keep) {
                durable::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes the oldest artefacts beyond `most`, except those in use.
    pub(crate) fn trim_artefacts(
        &self,
        most: usize,
        in_use: impl Fn(Digest) -> bool,
    ) -> io::Result<()> {
        let mut idle: Vec<(SystemTime, PathBuf)> = Vec::new();
        let mut used = 0;
        for entry in fs::read_dir(&self.artefacts)? {
            let entry = entry?;
            let path = entry.path();
            let digest = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            if digest.is_some_and(&in_use) {
                used += 1;
                continue;
            }
            let modified = entry.metadata().and_then(|meta| meta.modified());
            idle.push((modified.unwrap_or(SystemTime::UNIX_EPOCH), path));
        }
        idle.sort_unstable();
        let surplus = (used + idle.len()).saturating_sub(most).min(idle.len());
        idle[..surplus].iter().try_for_each(|(_, path)| durable::remove(path))
    }
}

fn part_path(target: &Path) -> PathBuf {
    target.with_extension("part")
}

/// An item that has come in part.
#[derive(Debug)]
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    hasher: Hasher,
    have: u64,
    wanted: Digest,
}

/// Why bytes were not added, or are no whole item.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    /// The bytes are not those that were promised. They are removed.
    #[error("what came has another digest")]
    Damaged,
    /// The system's.
    #[error("it cannot be written: {0}")]
    Disk(#[from] io::Error),
}

impl Part {
    /// Bytes that are there.
    pub(crate) fn have(&self) -> u64 {
        self.have
    }

    /// Adds bytes. If they do not fit on the disk, what was there before still counts.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), PartError> {
        let written = disk_point!("client.fetch.half").and_then(|()| self.file.write_all(bytes));
        if let Err(error) = written {
            // Half a write may stand; the next process hashes what is there.
            let _cut = self.file.set_len(self.have);
            return Err(error.into());
        }
        self.hasher.update(bytes);
        self.have += bytes.len() as u64;
        Ok(())
    }

    /// Gives the item its name, if it is what was promised.
    pub(crate) fn finish(self) -> Result<(), PartError> {
        if self.hasher.digest() != self.wanted {
            durable::remove(&self.path)?;
            return Err(PartError::Damaged);
        }
        disk_point!("client.fetch.whole")?;
        fs::rename(&self.path, &self.target)?;
        Ok(())
    }
}

/// The bytes of a file, or `None` if there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => bytes.map(Some),
    }
}

#[cfg(test)]
#[path = "blobs_tests.rs"]
mod tests;
