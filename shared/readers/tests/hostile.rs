//! Files made to hurt: each is read or broken, in bounded time and memory, never a panic.

use std::time::{Duration, Instant};

use gleaner_readers::{BrokenDocument, Fault, OntologyFormat, Years, read_document, read_ontology};
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::limits::{DOCUMENT_BYTES_MAX, PARAGRAPHS_MAX, XML_DEPTH_MAX};

/// Far more than any of these files takes; quadratic readers take hours.
const PATIENCE: Duration = Duration::from_secs(60);

fn read(kind: Kind, bytes: &[u8]) -> Result<Document, BrokenDocument> {
    let start = Instant::now();
    let read = read_document(kind, "x".to_owned(), bytes, &Years::empty());
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    read
}

fn fault(kind: Kind, bytes: &[u8]) -> Fault {
    read(kind, bytes).expect_err("a broken document").fault
}

#[test]
fn an_empty_file_is_an_empty_text_and_nothing_else() {
    assert!(read(Kind::Text, b"").expect("a text").paragraphs.is_empty());
    for kind in [Kind::Cord19, Kind::Jats] {
        for bytes in [&b""[..], b"\xef\xbb\xbf", b" \n"] {
            assert!(read(kind, bytes).is_err(), "{kind:?} {bytes:?}");
        }
    }
}

#[test]
fn json_and_xml_are_utf8_and_may_begin_with_a_mark() {
    let cases: [(Kind, &[u8]); 2] = [
        (Kind::Cord19, b"{\"skipped\": \"\xff\", \"abstract\": []}"),
        (Kind::Jats, b"<article>\xe9</article>"),
    ];
    for (kind, bytes) in cases {
        assert_eq!(fault(kind, bytes), Fault::NotUtf8);
    }
    let marked: [(Kind, &[u8]); 2] = [
        (Kind::Cord19, b"\xef\xbb\xbf{\"abstract\": []}"),
        (Kind::Jats, b"\xef\xbb\xbf<article/>"),
    ];
    for (kind, bytes) in marked {
        assert!(read(kind, bytes).is_ok(), "{kind:?}");
    }
}

#[test]
fn a_file_has_a_greatest_size() {
    let bytes = vec![b'a'; DOCUMENT_BYTES_MAX + 1];
    for kind in [Kind::Text, Kind::Cord19, Kind::Jats] {
        assert_eq!(fault(kind, &bytes), Fault::TooLarge { bytes: bytes.len() });
    }
    assert_eq!(read(Kind::Text, &bytes[1..]).expect("a text").paragraphs.len(), 1);
}

#[test]
fn one_long_line_of_any_bytes_is_read_in_time() {
    for byte in [b' ', b'\xff', b'\n'] {
        let bytes = vec![byte; DOCUMENT_BYTES_MAX];
        assert!(read(Kind::Text, &bytes).is_ok());
    }
}

#[test]
fn depth_needs_no_stack() {
    let deep = "<a>".repeat(1_000_000);
    let broken = read(Kind::Jats, deep.as_bytes()).expect_err("too deep");
    assert_eq!(broken.fault, Fault::TooDeep);
    assert_eq!(broken.position.map(|at| at.column), Some(3 * XML_DEPTH_MAX as u64 + 1));
    let most = "<article>".repeat(XML_DEPTH_MAX) + &"</article>".repeat(XML_DEPTH_MAX);
    assert!(read(Kind::Jats, most.as_bytes()).is_ok());
    for open in ["[", "{\"a\":", "{\"abstract\":["] {
        assert!(read(Kind::Cord19, open.repeat(1_000_000).as_bytes()).is_err(), "{open}");
    }
}

#[test]
fn paragraphs_have_a_greatest_number() {
    let article = |paragraphs: usize| {
        format!("<article><body>{}</body></article>", "<p/>".repeat(paragraphs))
    };
    assert!(read(Kind::Jats, article(PARAGRAPHS_MAX).as_bytes()).is_ok());
    let broken = fault(Kind::Jats, article(PARAGRAPHS_MAX + 1).as_bytes());
    assert_eq!(broken, Fault::TooManyParagraphs);
    let parse = format!(
        "{{\"abstract\": [{}{{\"text\":\"\"}}]}}",
        "{\"text\":\"\"},".repeat(PARAGRAPHS_MAX)
    );
    assert_eq!(fault(Kind::Cord19, parse.as_bytes()), Fault::TooManyParagraphs);
}

#[test]
fn laughs_have_no_end_but_a_place() {
    let text = "<!DOCTYPE article [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>\n\
                <article><body><p>&b;</p></body></article>";
    assert_eq!(fault(Kind::Jats, text.as_bytes()), Fault::Entity("b".to_owned()));
}

#[test]
fn an_ontology_of_other_bytes_breaks() {
    use OntologyFormat::{Obo, OboGraph, Owl, Tsv};
    let deep = "<a>".repeat(1_000_000);
    let nested = "[".repeat(1_000_000);
    for format in [Obo, Owl, OboGraph, Tsv] {
        for bytes in [&b""[..], b"\xff\xfe\0", deep.as_bytes(), nested.as_bytes()] {
            assert!(read_ontology(format, bytes, &mut |_| {}).is_err(), "{format:?}");
        }
    }
}
