//! What the spool promises: results come back as they were, and damage costs one file only.

use gleaner_shared::id::{Digest, GrantId};
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;

use super::*;

const PACKED: &[u8] = b"packed bytes of a result";

fn entry(slice: u8) -> Entry {
    let returned = Returned::Records {
        digest: Digest([slice; 32]),
        raw_len: 1_000,
        len: u32::try_from(PACKED.len()).unwrap(),
    };
    let docs = DocRange { first: 0, count: 3 };
    let head = ResultHead { job: Digest([1; 32]), payload: Digest([slice; 32]), docs, returned };
    Entry { lease: LeaseId { grant: GrantId(7), index: slice.into() }, head }
}

fn spool() -> (tempfile::TempDir, Spool) {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path());
    folder.make().unwrap();
    let spool = Spool::new(&folder);
    (root, spool)
}

#[test]
fn results_come_back_until_they_are_removed() {
    let (_root, spool) = spool();
    let names: Vec<_> = (0..3).map(|n| spool.put(&entry(n), PACKED).unwrap()).collect();
    assert_eq!(spool.read(&names[1]).unwrap(), (entry(1), PACKED.to_vec()));
    spool.remove(&names[1]).unwrap();
    spool.remove(&names[1]).unwrap();
    let (mut entries, errors) = spool.scan().unwrap();
    entries.sort_unstable_by_key(|entry| entry.lease);
    assert_eq!(entries, [entry(0), entry(2)]);
    assert!(errors.is_empty());
}

#[test]
fn the_same_unit_twice_is_one_file() {
    let (_root, spool) = spool();
    assert_eq!(spool.put(&entry(1), PACKED).unwrap(), spool.put(&entry(1), PACKED).unwrap());
    assert_eq!(spool.names().unwrap().len(), 1);
    let mut part = entry(1);
    part.head.docs = DocRange { first: 1, count: 2 };
    spool.put(&part, PACKED).unwrap();
    assert_eq!(spool.names().unwrap().len(), 2);
}

#[test]
fn a_failure_is_a_result_without_bytes() {
    let (_root, spool) = spool();
    let mut failed = entry(1);
    failed.head.returned =
        Returned::Failed { class: FailureClass::Crashed, message: "it crashed".into() };
    let name = spool.put(&failed, &[]).unwrap();
    assert_eq!(spool.read(&name).unwrap(), (failed, Vec::new()));
}

/// A spool of three files.
struct Three {
    _root: tempfile::TempDir,
    spool: Spool,
    names: Vec<Name>,
    /// The second one as it was.
    whole: Vec<u8>,
}

fn three() -> Three {
    let (root, spool) = spool();
    let names: Vec<_> = (0..3).map(|n| spool.put(&entry(n), PACKED).unwrap()).collect();
    let whole = fs::read(spool.path(&names[1])).unwrap();
    Three { _root: root, spool, names, whole }
}

/// Damages one of three files and counts what is left.
fn check(three: &Three, damage: impl FnOnce(Vec<u8>) -> Vec<u8>, what: &str) {
    let Three { spool, names, whole, .. } = three;
    fs::write(spool.path(&names[1]), damage(whole.clone())).unwrap();
    let (entries, errors) = spool.scan().unwrap();
    assert_eq!(entries.len(), 2, "{what}");
    assert!(matches!(&errors[..], [SpoolError::Damaged { .. }]), "{what}: {errors:?}");
    assert!(spool.damaged.join(&names[1].0).exists(), "{what}");
    assert!(spool.scan().unwrap().1.is_empty(), "{what}: it is set aside once");
}

#[test]
fn a_flipped_bit_sets_one_file_aside() {
    let three = three();
    // Every 7th bit: all bytes, and all places in a byte.
    for bit in (0..8 * three.whole.len()).step_by(7) {
        let flip = |mut bytes: Vec<u8>| {
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        check(&three, flip, &format!("bit {bit}"));
    }
}

#[test]
fn a_cut_sets_one_file_aside() {
    let three = three();
    for keep in [0, 1, 7, 8, 11, 12, 40, 100] {
        check(&three, |bytes| bytes[..keep].to_vec(), &format!("{keep} bytes left"));
    }
    check(&three, |bytes| bytes[..bytes.len() - 1].to_vec(), "one byte less");
    check(&three, |bytes| vec![0; bytes.len()], "zeros, as after a power cut");
    check(&three, |bytes| [&bytes[..], b"x"].concat(), "one byte more");
}

#[test]
fn what_is_no_result_is_left_alone() {
    let (_root, spool) = spool();
    fs::write(spool.folder.join("notes.txt"), b"mine").unwrap();
    let (entries, errors) = spool.scan().unwrap();
    assert!(entries.is_empty() && errors.is_empty());
    assert!(spool.folder.join("notes.txt").exists());
}
