//! What a walk through a tar archive gives, and how it ends.

use super::*;
use crate::archive::told::told;

/// A member with its data, as the tar crate writes it.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Names and what was read or refused, then how it ended.
fn read(bytes: &[u8]) -> (Vec<(String, String)>, String) {
    let mut source = bytes;
    told(|each| tar_members(&mut source, each))
}

#[test]
fn members_come_in_order_with_their_bytes() {
    let long = format!("{}/b.txt", "long".repeat(60));
    let large = "x".repeat(5_000);
    let bytes = packed(&[("d/a.txt", b"one"), (&long, large.as_bytes()), ("empty.txt", b"")]);
    let (members, ended) = read(&bytes);
    assert_eq!(ended, "");
    let one = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(members, [one("d/a.txt", "one"), one(&long, &large), one("empty.txt", "")]);
}

#[test]
fn unread_data_is_passed_over() {
    let bytes = packed(&[("a", &[1; 700]), ("b", b"")]);
    let mut names = Vec::new();
    tar_members(&mut &bytes[..], &mut |member, _| {
        names.push(member.name.to_vec());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(names, [b"a", b"b"]);
}

#[test]
fn wherever_it_is_cut_what_came_before_is_given() {
    let bytes = packed(&[("a.txt", &[b'a'; 600]), ("b.txt", &[b'b'; 600])]);
    for cut in 0..bytes.len() - 1_024 {
        let (members, ended) = read(&bytes[..cut]);
        assert!(!ended.is_empty(), "{cut}");
        let whole = members.iter().filter(|(_, text)| text.len() == 600).count();
        assert_eq!(
            whole,
            [512 + 600, 2 * 512 + 1_024 + 600].iter().filter(|at| cut >= **at).count()
        );
        for (name, text) in members {
            let cut_off = text.ends_with("it was cut");
            assert!(cut_off || text.len() == 600, "{cut}: {name} is {text}");
        }
    }
    assert_eq!(read(&bytes).1, "");
}

#[test]
fn a_broken_header_ends_the_walk() {
    let bytes = packed(&[("a.txt", b"one"), ("b.txt", b"two")]);
    let mut broken = bytes.clone();
    broken[1_024 + 5] ^= 1;
    let (members, ended) = read(&broken);
    assert_eq!((members.len(), ended.contains("checksum is wrong")), (1, true), "{ended}");
    assert_eq!(read(&[b'x'; 2_000]).1, "not a tar archive");
    let mut more = bytes.clone();
    more.extend(&bytes);
    assert!(read(&more).1.contains("follows behind"), "{:?}", read(&more));
    assert!(read(&bytes[..2_048]).1.contains("no end mark"));
    assert_eq!(read(&[0; 1_024]), (Vec::new(), String::new()));
}

#[test]
fn padding_fills_blocks() {
    for (size, filled) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511), (u64::MAX, 1)] {
        assert_eq!(padding(size), filled, "{size}");
    }
}
