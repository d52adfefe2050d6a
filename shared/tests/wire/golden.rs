//! The bytes of every example are those of the committed files, for ever: `name hex` a line.
//!
//! `GLEANER_GOLDEN=add cargo test -p gleaner-shared --features wire --test wire` appends lines for
//! new names. It never touches a line that stands: changed bytes are a new protocol, not a new line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use gleaner_shared::limits::FRAME_BYTES_MAX;
use gleaner_shared::wire::codec::{CodecError, decode, encode};

use crate::examples::{Example, Group, groups};

fn path(group: &Group) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(group.file).with_extension("txt")
}

/// The lines of a golden file, by name.
fn lines(group: &Group) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path(group)).unwrap_or_default();
    let line = |line: &str| {
        let (name, hex) = line.split_once(' ').expect("a golden line is `name hex`");
        (name.to_owned(), hex.to_owned())
    };
    text.lines().map(line).collect()
}

/// What to append to a golden file.
fn missing(group: &Group) -> String {
    let known = lines(group);
    let new = group.examples.iter().filter(|example| !known.contains_key(&example.name));
    new.fold(String::new(), |mut text, example| {
        writeln!(text, "{} {}", example.name, HEXLOWER.encode(&example.bytes)).expect("memory");
        text
    })
}

fn check(group: &Group) {
    let new = missing(group);
    if !new.is_empty() && std::env::var("GLEANER_GOLDEN").is_ok_and(|word| word == "add") {
        let old = fs::read_to_string(path(group)).unwrap_or_default();
        fs::write(path(group), old + &new).expect("the golden file can be written");
    }
    let mut golden = lines(group);
    for example in &group.examples {
        let found = HEXLOWER.encode(&example.bytes);
        match golden.remove(&example.name) {
            None => panic!(
                "{} has no golden line yet; with GLEANER_GOLDEN=add it gets `{found}`",
                example.name
            ),
            Some(line) => assert_eq!(found, line, "{} changed on the wire", example.name),
        }
    }
    let left: Vec<&String> = golden.keys().collect();
    assert!(left.is_empty(), "golden lines without an example (nothing is ever removed): {left:?}");
}

#[test]
fn every_variant_has_its_golden_bytes() {
    groups().iter().for_each(check);
}

fn every(test: impl Fn(&Example)) {
    groups().iter().flat_map(|group| &group.examples).for_each(test);
}

#[test]
fn golden_bytes_decode_to_their_messages() {
    every(|example| assert!((example.is)(&example.bytes).unwrap(), "{}", example.name));
}

#[test]
fn bytes_left_over_are_refused() {
    every(|example| {
        let longer = [example.bytes.as_slice(), &[0]].concat();
        let refused = (example.is)(&longer);
        assert!(matches!(refused, Err(CodecError::Trailing(1))), "{}", example.name);
    });
}

#[test]
fn a_message_cut_at_any_length_is_refused() {
    every(|example| {
        for len in 0..example.bytes.len() {
            let refused = (example.is)(&example.bytes[..len]);
            assert!(
                matches!(refused, Err(CodecError::Form(_))),
                "{} cut at {len}: {refused:?}",
                example.name
            );
        }
    });
}

#[test]
fn what_is_over_a_frame_is_neither_written_nor_read() {
    let text = |len: usize| "x".repeat(len);
    let head = 3; // the length of a text of this size
    let fits = encode(&text(FRAME_BYTES_MAX - head)).unwrap();
    assert_eq!(fits.len(), FRAME_BYTES_MAX);
    assert!(decode::<String>(&fits).is_ok());
    let refused = encode(&text(FRAME_BYTES_MAX - head + 1));
    assert!(matches!(refused, Err(CodecError::TooLong { len, .. }) if len == FRAME_BYTES_MAX + 1));
    let refused = decode::<String>(&[fits.as_slice(), b"x"].concat());
    assert!(matches!(refused, Err(CodecError::TooLong { len, .. }) if len == FRAME_BYTES_MAX + 1));
}
