//! Removes what a crash left behind: objects without a row, files that were never finished.
//!
//! Only what is older than a day: an object comes before its row, and an intake may take hours.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gleaner_failpoint::crash_point;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{ORPHAN_AGE, SWEEP_OBJECTS_MAX};

use crate::error::StoreError;
use crate::object::Sort;
use crate::store::{Store, ended, owned};

/// Objects that are looked up between two looks at the folder.
const SWEEP_STEP: usize = 256;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects looked at.
    pub seen: usize,
    /// Objects and unfinished files removed.
    pub removed: usize,
}

/// A file among the objects.
enum Found {
    /// Named by its digest.
    Object(Sort, Digest),
    /// Staged by a put that never ended.
    Unfinished(PathBuf),
}

impl Store {
    /// Removes orphans that are older than a day. Call it once after opening, beside other work.
    ///
    /// # Errors
    /// The folder cannot be read, or the database failed.
    pub async fn sweep(&self, now: SystemTime) -> Result<Swept, StoreError> {
        let store = self.clone();
        owned(async move { sweep(&store, now).await }).await
    }
}

async fn sweep(store: &Store, now: SystemTime) -> Result<Swept, StoreError> {
    let root = store.objects().root().to_owned();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(SWEEP_STEP);
    let listing = tokio::task::spawn_blocking(move || list(&root, now, &sender));
    let mut swept = Swept::default();
    while let Some(found) = receiver.recv().await {
        swept.seen += 1;
        let removed = match found {
            Found::Unfinished(path) => tokio::fs::remove_file(path).await.is_ok(),
            Found::Object(sort, digest) => remove_if_orphan(store, sort, digest).await?,
        };
        swept.removed += usize::from(removed);
    }
    ended(listing).await?;
    Ok(swept)
}

pub(crate) async fn remove_if_orphan(
    store: &Store,
    sort: Sort,
    digest: Digest,
) -> Result<bool, StoreError> {
    let _packs = store.inner.object_gate.lock().await;
    let _commits = store.inner.commit_gate.lock().await;
    let rows = match sort {
        Sort::Pack => "SELECT EXISTS (SELECT 1 FROM slice WHERE pack = ?)",
        Sort::Artefact => "SELECT EXISTS (SELECT 1 FROM artefact WHERE digest = ?)",
        Sort::Result => "SELECT EXISTS (SELECT 1 FROM result WHERE object = ?)",
    };
    let kept: bool =
        sqlx::query_scalar(rows).bind(digest.0.to_vec()).fetch_one(store.readers()).await?;
    if !kept {
        crash_point!("server.object.orphan");
        store.objects().remove(sort, &digest).await?;
    }
    Ok(!kept)
}

/// Sends what is old enough, until the folder ends, nobody listens or the bound is reached.
fn list(
    root: &Path,
    now: SystemTime,
    sender: &tokio::sync::mpsc::Sender<Found>,
) -> std::io::Result<()> {
    let mut left = SWEEP_OBJECTS_MAX;
    for sort in Sort::ALL {
        let folder = root.join(sort.folder());
        if !folder.exists() {
            continue;
        }
        for fan in std::fs::read_dir(folder)? {
            for file in std::fs::read_dir(fan?.path())? {
                let file = file?;
                let written = file.metadata()?.modified()?;
                if now
                    .duration_since(written)
                    .is_ok_and(|age| age >= Duration::from_millis(ORPHAN_AGE.0))
                    && let Some(found) = found(sort, &file.path())
                    && (left == 0 || sender.blocking_send(found).is_err())
                {
                    return Ok(());
                }
                left = left.saturating_sub(1);
            }
        }
    }
    Ok(())
}

/// A put stages its bytes in a file with the object's name, `#` and a number.
fn found(sort: Sort, path: &Path) -> Option<Found> {
    let name = path.file_name()?.to_str()?;
    match name.split_once('#') {
        Some((object, _)) => {
            object.parse::<Digest>().ok().map(|_| Found::Unfinished(path.to_owned()))
        }
        None => name.parse().ok().map(|digest| Found::Object(sort, digest)),
    }
}
