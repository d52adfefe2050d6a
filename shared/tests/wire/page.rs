//! The byte examples of docs/protocol.md are what the code writes, and the pages know every word.

use std::fs;

use data_encoding::HEXLOWER;
use gleaner_shared::records;
use gleaner_shared::table::{Column, ColumnType, Row, Rule, Spread, Table, Value};
use gleaner_shared::wire::codec::encode;

use crate::examples::groups;

fn page(name: &str) -> String {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/");
    fs::read_to_string(docs.to_owned() + name).expect("the page lies in docs")
}

/// Lines of the page's blocks of this kind, without comments. Indented lines go on with the last.
fn lines(kind: &str) -> Vec<String> {
    let page = page("protocol.md");
    let blocks = page.split("```").skip(1).step_by(2);
    let of_kind = blocks.filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n'));
    let mut lines: Vec<String> = Vec::new();
    for line in of_kind.flat_map(str::lines) {
        let said = line.split("  #").next().unwrap_or("").trim_end();
        match lines.last_mut() {
            Some(last) if said.starts_with("  ") => last.push_str(said),
            _ => lines.push(said.to_owned()),
        }
    }
    lines
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.replace(' ', "").as_bytes()).expect("bytes of the page are hexadecimal")
}

#[test]
fn messages_of_the_page_are_golden() {
    let all = groups();
    let lines = lines("golden");
    assert!(lines.len() > 20, "the page has {} examples", lines.len());
    for line in lines {
        let (name, bytes) = line.split_once(' ').unwrap();
        let found = all.iter().flat_map(|group| &group.examples).find(|one| one.name == name);
        let found = found.unwrap_or_else(|| panic!("{name} is no message"));
        assert_eq!(HEXLOWER.encode(&hex(bytes)), HEXLOWER.encode(&found.bytes), "{name}");
    }
}

#[test]
fn values_of_the_page_are_encoded_so() {
    let lines = lines("values");
    assert!(lines.len() > 10, "the page has {} values", lines.len());
    for line in lines {
        let (said, bytes) = line.split_once(" = ").unwrap();
        let (kind, value) = said.split_once(' ').unwrap();
        assert_eq!(value_bytes(kind, value), hex(bytes), "{line}");
    }
}

fn value_bytes(kind: &str, value: &str) -> Vec<u8> {
    const NUMBER: &str = "a number of its type";
    let bytes = match kind {
        "u8" => encode(&value.parse::<u8>().expect(NUMBER)),
        "u16" => encode(&value.parse::<u16>().expect(NUMBER)),
        "u32" => encode(&value.parse::<u32>().expect(NUMBER)),
        "u64" => encode(&value.parse::<u64>().expect(NUMBER)),
        "i64" => encode(&value.parse::<i64>().expect(NUMBER)),
        "bool" => encode(&(value == "true")),
        "String" => encode(&value),
        "Vec<u16>" => {
            let numbers = value.split(',').map(|number| number.parse().expect(NUMBER));
            encode(&numbers.collect::<Vec<u16>>())
        }
        "Option<u8>" => encode(&value.parse::<u8>().ok()),
        _ => panic!("{kind} is no type of the page"),
    };
    bytes.expect("a value fits a frame")
}

#[test]
fn the_canonical_bytes_of_the_page_are_right() {
    const COLUMNS: [Column; 2] = [
        Column { name: "word", kind: ColumnType::Text, rule: Rule::Key },
        Column { name: "n", kind: ColumnType::Int, rule: Rule::Sum },
    ];
    const WORDS: Table = Table { name: "words", columns: &COLUMNS, spread: Spread::Shared };
    let row = |word: &str, n| -> Row { vec![Value::Text(word.into()), Value::Int(n)] };
    let mut emitted = vec![vec![row("\u{3b1}", -1), row("a", 60), row("a", 4)]];
    let bytes = records::encode(&[WORDS], &mut emitted).unwrap();
    assert_eq!(HEXLOWER.encode(&bytes), HEXLOWER.encode(&hex(&lines("records")[0])));
    assert_eq!(records::decode(&[WORDS], &bytes).unwrap(), emitted);
    assert_eq!(records::encode(&[WORDS, WORDS], &mut vec![vec![], vec![]]).unwrap(), [0, 0]);
}

#[test]
fn every_state_and_refusal_is_on_its_page() {
    let (states, protocol) = (page("states.md"), page("protocol.md"));
    let pages = [
        ("Receipt", &states),
        ("FailureClass", &states),
        ("Phase", &states),
        ("Refusal", &protocol),
        ("Open", &protocol),
        ("Delivered", &protocol),
    ];
    for example in groups().iter().flat_map(|group| &group.examples) {
        let Some((kind, variant)) = example.name.split_once("::") else { continue };
        for (_, page) in pages.iter().filter(|(known, _)| *known == kind) {
            let named = page.contains(&format!("`{variant}`"))
                || page.contains(&format!("`{variant}("))
                || page.contains(&format!("({variant})`"));
            assert!(named, "{} is on no page", example.name);
        }
    }
}
