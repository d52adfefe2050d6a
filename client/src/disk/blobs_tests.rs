//! What the cache promises: downloads go on where they stopped, and nothing unchecked gets a name.

use gleaner_shared::digest::digest;

use super::*;

const BYTES: &[u8] = b"some bytes of a payload";

fn blobs() -> (tempfile::TempDir, Blobs) {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path());
    folder.make().unwrap();
    let blobs = Blobs::new(&folder);
    (root, blobs)
}

fn item(bytes: &[u8]) -> Item {
    Item::Payload(digest(bytes))
}

fn put(blobs: &Blobs, item: Item, bytes: &[u8]) {
    let mut part = blobs.resume(item, bytes.len() as u64).unwrap();
    part.push(bytes).unwrap();
    part.finish().unwrap();
}

#[test]
fn a_download_goes_on_where_it_stopped_at_every_byte() {
    for stop in 0..=BYTES.len() {
        let (_root, blobs) = blobs();
        let len = BYTES.len() as u64;
        let mut part = blobs.resume(item(BYTES), len).unwrap();
        part.push(&BYTES[..stop]).unwrap();
        drop(part);
        assert!(!blobs.has(item(BYTES), len));
        let mut part = blobs.resume(item(BYTES), len).unwrap();
        assert_eq!(part.have(), stop as u64);
        part.push(&BYTES[stop..]).unwrap();
        part.finish().unwrap();
        assert!(blobs.has(item(BYTES), len));
        assert_eq!(read(&blobs.path(item(BYTES))).unwrap().unwrap(), BYTES);
    }
}

#[test]
fn what_has_another_digest_gets_no_name_and_is_removed() {
    let (root, blobs) = blobs();
    let len = BYTES.len() as u64;
    let mut part = blobs.resume(item(BYTES), len).unwrap();
    part.push(&vec![0; BYTES.len()]).unwrap();
    assert!(matches!(part.finish(), Err(PartError::Damaged)));
    assert!(!blobs.has(item(BYTES), len));
    assert_eq!(blobs.resume(item(BYTES), len).unwrap().have(), 0);
    drop(root);
}

#[test]
fn a_part_that_is_too_long_begins_anew() {
    let (_root, blobs) = blobs();
    blobs.resume(item(BYTES), 1_000).unwrap().push(&[1; 100]).unwrap();
    assert_eq!(blobs.resume(item(BYTES), BYTES.len() as u64).unwrap().have(), 0);
}

#[test]
fn payloads_without_units_are_removed() {
    let (root, blobs) = blobs();
    put(&blobs, item(b"a"), b"a");
    put(&blobs, item(b"b"), b"b");
    blobs.resume(item(b"c"), 5).unwrap().push(b"c").unwrap();
    std::fs::write(root.path().join("payloads/stray"), b"x").unwrap();
    blobs.keep_payloads(|found| found == digest(b"b")).unwrap();
    assert!(blobs.has(item(b"b"), 1));
    assert_eq!(std::fs::read_dir(root.path().join("payloads")).unwrap().count(), 1);
}

#[test]
fn the_oldest_idle_artefacts_make_room() {
    let (root, blobs) = blobs();
    let artefact = |n: u8| Item::Artefact(digest(&[n]));
    for n in 0..5 {
        put(&blobs, artefact(n), &[n]);
        let file = File::options().write(true).open(blobs.path(artefact(n))).unwrap();
        let age = std::time::Duration::from_secs(1_000 - u64::from(n));
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    blobs.trim_artefacts(3, |found| found == digest(&[0])).unwrap();
    let left: Vec<u8> = (0..5).filter(|n| blobs.has(artefact(*n), 1)).collect();
    assert_eq!(left, [0, 3, 4]);
    drop(root);
}
