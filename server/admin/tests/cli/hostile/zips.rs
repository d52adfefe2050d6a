//! Hostile zip archives.

use flate2::Compression;

use super::case::Case;
use super::zip::{Entry, zip, zip_with};

pub(crate) fn cases() -> Vec<Case> {
    [names(), members(), tables()].concat()
}

fn stored(name: impl AsRef<[u8]>, bytes: &[u8]) -> Entry {
    Entry::new(name, bytes, Compression::none())
}

fn packed(name: impl AsRef<[u8]>, bytes: &[u8]) -> Entry {
    Entry::new(name, bytes, Compression::best())
}

fn good() -> Entry {
    packed("ok.txt", b"good")
}

/// An archive with what is hostile and, behind it, one good document.
fn one(name: &'static str, hostile: Entry, why: &'static str) -> Case {
    let source = format!("x.zip!{}", String::from_utf8_lossy(&hostile.name));
    Case::new(name, "x.zip", zip(&[hostile, good()])).goes_in("ok").aside(source, why)
}

fn names() -> Vec<Case> {
    let long = "x".repeat(300) + ".txt";
    let outside = "leads out of the archive";
    vec![
        one("zip: a name goes up", stored("../evil.txt", b"e"), outside),
        one("zip: a name goes up with backslashes", stored("d\\..\\..\\evil.txt", b"e"), outside),
        one("zip: an absolute name", stored("/tmp/gleaner-evil.txt", b"e"), outside),
        one("zip: a name has a drive", stored("C:/evil.txt", b"e"), outside),
        one("zip: a NUL in a name", stored("e\0vil.txt", b"e"), "control character"),
        one("zip: a name that is not UTF-8", stored(b"e\xffvil.txt", b"e"), "not UTF-8"),
        one("zip: a name of 304 bytes", stored(long, b"e"), "is longer than 255"),
        Case::new(
            "zip: two members of one name",
            "x.zip",
            zip(&[stored("a.txt", b"1"), stored("a.txt", b"2"), good()]),
        )
        .goes_in("a")
        .goes_in("ok")
        .aside("x.zip!a.txt", "document id a is that of"),
        one(
            "zip: the member calls itself otherwise",
            Entry { local_name: b"b.txt".to_vec(), ..stored("a.txt", b"e") },
            "it calls itself \"b.txt\"",
        ),
    ]
}

fn members() -> Vec<Case> {
    let evil = || packed("evil.txt", b"evil text");
    let lie = |name, change: fn(&mut Entry), why| {
        let mut entry = evil();
        change(&mut entry);
        one(name, entry, why)
    };
    let bytes = vec![b'x'; 10_000];
    let mut other = packed("evil.txt", &bytes);
    let middle = other.data.len() / 2;
    other.data[middle] ^= 0xff;
    vec![
        lie("zip: a symbolic link", |entry| entry.mode = 0o120_777, "a symbolic link"),
        lie("zip: a device", |entry| entry.mode = 0o060_644, "a device"),
        lie("zip: a pipe", |entry| entry.mode = 0o010_644, "a pipe or a socket"),
        lie("zip: a wrong checksum", |entry| entry.crc ^= 1, "checksum is wrong"),
        lie("zip: fewer bytes than it has", |entry| entry.size = 3, "another size"),
        lie("zip: more bytes than it has", |entry| entry.size = 90_000, "another size"),
        lie("zip: encrypted", |entry| entry.flags = 1, "it is encrypted"),
        lie("zip: an unknown method", |entry| entry.method = 14, "method 14 is not read"),
        lie("zip: no deflate", |entry| entry.data.fill(0xff), "deflate stream is damaged"),
        lie(
            "zip: packed beyond the archive",
            |entry| entry.packed = 1 << 30,
            "larger than the archive",
        ),
        lie(
            "zip: a place beyond the archive",
            |entry| entry.offset = Some(1 << 30),
            "does not fit",
        ),
        lie("zip: a place inside another member", |entry| entry.offset = Some(7), "does not fit"),
        one("zip: damaged in the middle", other, ""),
        one("zip: packed twice", stored("a.txt.gz.gz", b"a"), "packed twice"),
        one("zip: a zip archive inside", stored("y.zip", b"PK"), "only as a file of its own"),
        one(
            "zip: a cut gzip inside",
            stored("a.txt.gz", b"\x1f\x8b\x08\0\0"),
            "gzip stream ends too early",
        ),
    ]
}

fn tables() -> Vec<Case> {
    let table = |name, bytes: Vec<u8>, why| Case::new(name, "x.zip", bytes).aside("x.zip", why);
    let whole = zip(&[good()]);
    let mut over = Vec::new();
    for number in 0..20 {
        let is_ghost = number > 0;
        let entry = packed(format!("{number:02}.txt"), &[b'x'; 1_000]);
        over.push(Entry { local_name: b"00.txt".to_vec(), offset: Some(0), is_ghost, ..entry });
    }
    let many: Vec<Entry> = (0..30_000).map(|number| stored(format!("m{number}"), b"")).collect();
    let mut long = zip(&[good()]);
    let at = long.windows(4).position(|window| window == b"PK\x01\x02").expect("the table");
    long[at + 28..at + 30].fill(0xff);
    let mut overlap = Case::new("zip: members over each other", "x.zip", zip(&over)).goes_in("00");
    for number in 1..20 {
        overlap = overlap.aside(format!("x.zip!{number:02}.txt"), "");
    }
    vec![
        table("zip: empty", Vec::new(), "not a zip archive, or cut"),
        table("zip: other bytes", b"no archive".repeat(50), "not a zip archive, or cut"),
        table(
            "zip: cut in its table",
            whole[..whole.len() - 30].to_vec(),
            "not a zip archive, or cut",
        ),
        table("zip: cut in a member", whole[..35].to_vec(), "not a zip archive, or cut"),
        table(
            "zip: more members than it has",
            zip_with(&[good()], 9, |at| at),
            "has 1 members, not 9",
        )
        .goes_in("ok"),
        table(
            "zip: fewer members than it has",
            zip_with(&[good(), stored("b.txt", b"b")], 1, |at| at),
            "has 2 members, not 1",
        )
        .goes_in("ok")
        .goes_in("b"),
        table("zip: a name beyond the table", long, "not a zip archive, or cut"),
        Case::new("zip: its table elsewhere", "x.zip", zip_with(&[good()], 1, |at| at + 7))
            .goes_in("ok"),
        Case::new("zip: 30,000 members", "x.zip", zip(&many)),
        Case::new("zip: text before it", "x.zip", [b"#!/bin/sh\n".to_vec(), whole].concat())
            .goes_in("ok"),
        overlap,
    ]
}
