//! The data folder: where each thing lies. Everything that a client keeps is in it.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::durable;

/// The folder if neither `--data` nor `GLEANER_DATA` names one.
pub(crate) const FOLDER_DEFAULT: &str = "./gleaner-client";

/// A data folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// At that path; nothing is made.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// Makes it and its parts, for this user only. What is put into them later survives a power cut
    /// only if they do.
    pub(crate) fn make(&self) -> io::Result<()> {
        let parts = [
            self.root.clone(),
            self.payloads(),
            self.artefacts(),
            self.grants(),
            self.spool(),
            self.spool_damaged(),
        ];
        if parts.iter().all(|part| part.is_dir()) {
            return Ok(());
        }
        for part in &parts {
            DirBuilder::new().recursive(true).mode(0o700).create(part)?;
        }
        if let Some(above) = self.root.canonicalize()?.parent() {
            // It may be somebody else's, who syncs it sooner or later.
            let _synced = File::open(above).and_then(|above| above.sync_all());
        }
        [self.root.clone(), self.spool()].iter().try_for_each(|it| File::open(it)?.sync_all())
    }

    /// Whether a server keeps its things here, whose key is not this machine's.
    pub(crate) fn is_of_a_server(&self) -> bool {
        self.root.join("gleaner.db").exists()
    }

    /// Removes what a dead process left half done. Only who holds the lock may call it.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        [self.root.clone(), self.grants(), self.spool()]
            .iter()
            .try_for_each(|it| durable::sweep(it))
    }

    /// Its path.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// This machine's key.
    pub(crate) fn identity(&self) -> PathBuf {
        self.root.join("identity.key")
    }

    /// Held by the one process that works in the folder.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Where the running process answers.
    pub(crate) fn socket(&self) -> PathBuf {
        self.root.join("client.sock")
    }

    /// Payloads of held units.
    pub(crate) fn payloads(&self) -> PathBuf {
        self.root.join("payloads")
    }

    /// Data of jobs.
    pub(crate) fn artefacts(&self) -> PathBuf {
        self.root.join("artefacts")
    }

    /// Grants that are not all done.
    pub(crate) fn grants(&self) -> PathBuf {
        self.root.join("grants")
    }

    /// Results that the server does not have yet.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Results that were damaged on disk.
    pub(crate) fn spool_damaged(&self) -> PathBuf {
        self.spool().join("damaged")
    }
}
