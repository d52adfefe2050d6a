//! The spool: results on their way to the server. A result is here, whole and synced, before its
//! unit is forgotten, and until the server says that it has it.
//!
//! A file is named after its unit, so the same result twice is one file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use gleaner_failpoint::disk_point;
use gleaner_shared::digest::Hasher;
use gleaner_shared::id::LeaseId;
use gleaner_shared::wire::codec;
use gleaner_shared::wire::work::{ResultHead, Returned};
use serde::{Deserialize, Serialize};

use super::durable;
use super::folder::Folder;
use super::sealed::{self, Mark, SealError};

const MARK: Mark = *b"GLNSPL01";
const ENDING: &str = "result";

/// What a spool file says of its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The lease that it was made under, which the server keeps open until the result is there.
    pub(crate) lease: LeaseId,
    /// What is told to the server.
    pub(crate) head: ResultHead,
}

impl Entry {
    /// Bytes that travel after the head.
    pub(crate) fn packed_len(&self) -> u64 {
        match self.head.returned {
            Returned::Records { len, .. } => len.into(),
            Returned::Failed { .. } => 0,
        }
    }

    /// Which file it is in.
    pub(crate) fn name(&self) -> Name {
        let mut hasher = Hasher::new();
        hasher.update(&self.head.job.0);
        hasher.update(&self.head.payload.0);
        hasher.update(&self.head.docs.first.to_le_bytes());
        hasher.update(&self.head.docs.count.to_le_bytes());
        Name(format!("{:.16}.{ENDING}", hasher.digest()))
    }
}

/// A file of the spool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

/// Why a spool file cannot be delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// It is damaged, and was set aside.
    #[error("result {name} is damaged ({why}) and was moved to {aside}; its unit is done again")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong.
        why: SealError,
        /// Where it is now.
        aside: PathBuf,
    },
    /// The system's.
    #[error("result {name} cannot be read: {source}")]
    Io {
        /// The file.
        name: String,
        /// Why.
        source: io::Error,
    },
}

/// A folder of results.
#[derive(Clone, Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    damaged: PathBuf,
}

impl Spool {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        Self { folder: folder.spool(), damaged: folder.spool_damaged() }
    }

    /// Keeps a result. When it returns, the result survives a power cut.
    pub(crate) fn put(&self, entry: &Entry, packed: &[u8]) -> io::Result<Name> {
        let name = entry.name();
        let sealed = sealed::seal(MARK, entry, packed).map_err(io::Error::other)?;
        durable::put(&self.folder, &name.0, &[&sealed.front, packed, &sealed.seal])?;
        Ok(name)
    }

    /// A result, checked. A damaged one is set aside; the others are not touched.
    pub(crate) fn read(&self, name: &Name) -> Result<(Entry, Vec<u8>), SpoolError> {
        let failed = |source| SpoolError::Io { name: name.0.clone(), source };
        let bytes = fs::read(self.path(name)).map_err(failed)?;
        let why = match sealed::open::<Entry>(MARK, &bytes) {
            Ok((entry, packed)) if packed.len() as u64 == entry.packed_len() => {
                return Ok((entry, packed.to_vec()));
            }
            Ok(_) => SealError::Form,
            Err(why) => why,
        };
        let aside = self.set_aside(name).map_err(failed)?;
        Err(SpoolError::Damaged { name: name.0.clone(), why, aside })
    }

    /// All results that are there, and what is wrong with the others.
    pub(crate) fn scan(&self) -> io::Result<(Vec<Entry>, Vec<SpoolError>)> {
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for name in self.names()? {
            match self.read(&name) {
                Ok((entry, _)) => entries.push(entry),
                Err(error) => errors.push(error),
            }
        }
        Ok((entries, errors))
    }

    /// The files that are there, unchecked.
    pub(crate) fn names(&self) -> io::Result<Vec<Name>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let is_result = path.extension().is_some_and(|ending| ending == ENDING);
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && is_result
            {
                names.push(Name(name.into()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Forgets a result that the server has dealt with.
    pub(crate) fn remove(&self, name: &Name) -> io::Result<()> {
        disk_point!("client.result.remove")?;
        durable::remove(&self.path(name))
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(&name.0)
    }

    fn set_aside(&self, name: &Name) -> io::Result<PathBuf> {
        let aside = self.damaged.join(&name.0);
        fs::rename(self.path(name), &aside)?;
        Ok(aside)
    }
}

/// Bytes of an entry's head on the wire, for packing heads in one frame.
pub(crate) fn head_len(head: &ResultHead) -> usize {
    codec::encode(head).map_or(usize::MAX, |bytes| bytes.len())
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
