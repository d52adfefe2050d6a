//! Packs, artefacts and orphans.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use gleaner_shared::digest::digest;
use gleaner_store::{Brought, SliceInsert, StoreError};

use crate::scene::{open, payload, slices_make, with_job};

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn payloads_come_back_whole_and_from_any_byte() {
    let (folder, store) = with_job(5).await;
    assert_eq!(files(&folder.path().join("objects/pack")).len(), 1, "one pack holds them all");
    for slice in 0..5 {
        let (facts, bytes) = payload(slice);
        assert_eq!(store.payload_read(facts.digest).await.unwrap(), bytes);
        for offset in [0, 1, facts.len - 1, facts.len, facts.len + 1, u32::MAX] {
            let found = store.payload_range(facts.digest, u64::from(offset)).await.unwrap();
            assert_eq!(found.len, u64::from(facts.len));
            assert_eq!(found.rest, bytes.slice((offset as usize).min(bytes.len())..));
        }
    }
    let absent = store.payload_read(digest(b"nothing")).await;
    assert!(matches!(absent, Err(StoreError::Absent(_))));
}

#[tokio::test]
async fn a_pack_that_is_put_twice_is_there_once() {
    let (folder, store) = with_job(5).await;
    let again = store.payloads_put((0..5).map(payload).collect()).await.unwrap();
    let found = store.corpus_slices(gleaner_shared::id::CorpusId(1), 0, 10).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|slice| slice.place).collect();
    assert_eq!(again, found);
    assert_eq!(files(&folder.path().join("objects/pack")).len(), 1);
}

#[tokio::test]
async fn damage_is_found_and_named() {
    let (folder, store) = with_job(3).await;
    let pack = files(&folder.path().join("objects/pack")).remove(0);
    let whole = std::fs::read(&pack).unwrap();
    let (facts, _) = payload(1);
    let mut flipped = whole.clone();
    flipped[payload(0).1.len() + 5] ^= 1;
    let damages = [flipped, whole[..whole.len() - 1].to_vec(), Vec::new()];
    for damage in damages {
        std::fs::write(&pack, damage).unwrap();
        let mut bad = 0;
        for slice in 0..3 {
            match store.payload_read(payload(slice).0.digest).await {
                Ok(bytes) => assert_eq!(bytes, payload(slice).1),
                Err(StoreError::Damaged { what, .. }) => {
                    bad += 1;
                    let name = pack.file_name().unwrap().to_str().unwrap();
                    assert!(what.contains(name) && what.contains("at byte"), "{what}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(bad > 0);
    }
    std::fs::remove_file(&pack).unwrap();
    let gone = store.payload_read(facts.digest).await;
    assert!(matches!(gone, Err(StoreError::Damaged { .. })), "{gone:?}");
    std::fs::write(&pack, whole).unwrap();
    assert!(store.payload_read(facts.digest).await.is_ok());
}

#[tokio::test]
async fn an_artefact_is_what_its_digest_says() {
    let (folder, store) = with_job(1).await;
    let bytes = Bytes::from(vec![5; 100_000]);
    let name = digest(&bytes);
    assert!(store.artefact_put(name, bytes.slice(1..)).await.is_err());
    assert_eq!(store.artefact_len(name).await.unwrap(), None);
    for _ in 0..2 {
        store.artefact_put(name, bytes.clone()).await.unwrap();
    }
    assert_eq!(store.artefact_len(name).await.unwrap(), Some(100_000));
    assert_eq!(store.artefact_range(name, 99_990..100_000).await.unwrap(), bytes.slice(99_990..));
    let file = files(&folder.path().join("objects/artefact")).remove(0);
    std::fs::write(file, vec![6; 100_000]).unwrap();
    let read = store.artefact_read(name).await;
    assert!(matches!(read, Err(StoreError::Damaged { .. })), "{read:?}");
}

#[tokio::test]
async fn orphans_go_after_a_day_and_nothing_else() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    slices_make(&store, "kept", 3).await;
    let artefact = Bytes::from_static(b"artefact");
    store.artefact_put(digest(&artefact), artefact).await.unwrap();
    let orphan = payload(9);
    let place = store.payloads_put(vec![orphan.clone()]).await.unwrap()[0];
    let half = folder.path().join(format!("objects/pack/{:.1}/{}#3", place.pack, place.pack));
    std::fs::write(&half, "half a pa").unwrap();
    let foreign = folder.path().join(format!("objects/pack/{:.1}/README", place.pack));
    std::fs::write(&foreign, "not ours").unwrap();
    let all = files(&folder.path().join("objects")).len();
    assert_eq!(store.sweep(SystemTime::now()).await.unwrap().removed, 0);
    assert_eq!(files(&folder.path().join("objects")).len(), all);
    let later = SystemTime::now() + Duration::from_secs(90_000);
    assert_eq!(store.sweep(later).await.unwrap().removed, 2);
    assert_eq!(files(&folder.path().join("objects")).len(), all - 2);
    assert!(!half.exists() && foreign.exists());
    for slice in 0..3 {
        store.payload_read(payload(slice).0.digest).await.unwrap();
    }
    // A row for a pack that is gone is refused.
    let add = store.corpus_begin("late", 1_024).await.unwrap();
    let slice = SliceInsert { facts: orphan.0, place, docs: Vec::new() };
    let brought = Brought { slices: vec![slice], ..Brought::default() };
    let late = store.slices_insert(add, brought).await;
    assert!(matches!(late, Err(StoreError::Absent(_))), "{late:?}");
}
