//! Objects: bytes named by their digest, written once, durably, in a folder.
//!
//! `pack/`, `artefact/` and `result/`, each fanned out by the first byte of the digest. A put that
//! has returned is on disk; an object that is there already is the same by its name.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use gleaner_failpoint::disk_point;
use gleaner_shared::id::Digest;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use crate::error::StoreError;

pub(crate) mod artefact;
pub(crate) mod payload;

/// What an object holds; its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Pack,
    Artefact,
    Result,
}

impl Sort {
    pub(crate) const ALL: [Self; 3] = [Self::Pack, Self::Artefact, Self::Result];

    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Artefact => "artefact",
            Self::Result => "result",
        }
    }

    pub(crate) fn path(self, digest: &Digest) -> Path {
        Path::from(format!("{}/{digest:.1}/{digest}", self.folder()))
    }
}

/// Makes a folder that is there after a power cut too.
pub(crate) fn folder_make(folder: &FilePath) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    for entered in folder.parent().into_iter().chain([folder.as_path()]) {
        std::fs::File::open(entered)?.sync_all()?;
    }
    Ok(())
}

/// The folder of objects.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    store: Arc<LocalFileSystem>,
    root: PathBuf,
}

impl Objects {
    pub(crate) fn open(root: &FilePath) -> Result<Self, StoreError> {
        folder_make(root)?;
        let store = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), root: root.to_owned() })
    }

    pub(crate) fn root(&self) -> &FilePath {
        &self.root
    }

    /// Writes an object and its directory entry to disk; the same again changes nothing.
    pub(crate) async fn put(
        &self,
        sort: Sort,
        digest: &Digest,
        bytes: Bytes,
    ) -> Result<(), StoreError> {
        let path = sort.path(digest);
        let wanted = bytes.len() as u64;
        disk_point!("server.object.put")?;
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&path, bytes.clone().into(), create).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                if self.store.head(&path).await?.size == wanted {
                    return Ok(());
                }
                // Cut short by something that is not this program: put right what was asked for.
                self.store.put(&path, bytes.into()).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Some bytes of an object.
    pub(crate) async fn range(
        &self,
        sort: Sort,
        digest: &Digest,
        range: std::ops::Range<u64>,
    ) -> Result<Bytes, StoreError> {
        Ok(self.store.get_range(&sort.path(digest), range).await?)
    }

    /// Whether an object is there.
    pub(crate) async fn has(&self, sort: Sort, digest: &Digest) -> Result<bool, StoreError> {
        match self.store.head(&sort.path(digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes an object; one that is gone already is no error.
    pub(crate) async fn remove(&self, sort: Sort, digest: &Digest) -> Result<(), StoreError> {
        match self.store.delete(&sort.path(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
