//! A full disk: the call says so, nothing changed, and it works again once there is space.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use gleaner_shared::digest::digest;
use gleaner_store::{CommitError, StoreError};

use crate::scene::{TABLES, job_make, merging, open, payload, rows, words_of};

/// A file system of its own, so small that it is soon full.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let folder = tempfile::TempDir::new().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(folder.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(folder)),
            other => {
                eprintln!("SKIPPED: a full disk needs a mount of its own, as root: {other:?}");
                None
            }
        }
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Takes all space but so many bytes.
    fn fill(&self, but: u64) {
        let mut file = std::fs::File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        let len = file.metadata().unwrap().len();
        file.set_len(len.saturating_sub(but)).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_changes_nothing_and_passes() {
    let Some(disk) = Small::mount() else { return };
    let store = open(disk.path()).await;
    job_make(&store, 4_096).await;
    let mut merged = 0_u32;
    // With more and more space left the commit fails at ever later places, until it does not.
    for pages in [0_u64, 1, 2, 3, 5, 8, 13] {
        disk.fill(pages * 4_096);
        let mut refused = false;
        for _ in 0..64 {
            let slices: Vec<u32> = (merged..merged + 40).collect();
            match store.commit(merging(slices)).await {
                Ok(()) => merged += 40,
                Err(CommitError::Full) => {
                    refused = true;
                    break;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(refused, "{pages} pages were enough for {merged} units");
        let before: Vec<u32> = (0..merged).collect();
        assert_eq!(rows(&store, &TABLES[1]).await, words_of(&before));
        std::fs::remove_file(disk.filler()).unwrap();
        store.commit(merging(merged..merged + 40)).await.unwrap();
        merged += 40;
        let after: Vec<u32> = (0..merged).collect();
        assert_eq!(rows(&store, &TABLES[1]).await, words_of(&after));
    }
    store.close().await;
    let after: Vec<u32> = (0..merged).collect();
    assert_eq!(rows(&open(disk.path()).await, &TABLES[1]).await, words_of(&after));
}

#[tokio::test]
async fn objects_on_a_full_disk_are_refused_whole() {
    let Some(disk) = Small::mount() else { return };
    let store = open(disk.path()).await;
    disk.fill(8 * 4_096);
    let bytes = Bytes::from(vec![7; 256 * 1024]);
    let (facts, _) = payload(0);
    let put = store.payloads_put(vec![(facts, bytes.clone())]).await;
    assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
    let name = digest(&bytes);
    let put = store.artefact_put(name, bytes.clone()).await;
    assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
    assert_eq!(store.artefact_len(name).await.unwrap(), None);
    std::fs::remove_file(disk.filler()).unwrap();
    store.artefact_put(name, bytes.clone()).await.unwrap();
    assert_eq!(store.artefact_read(name).await.unwrap(), bytes);
}
