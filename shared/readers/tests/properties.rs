//! Any bytes are read or broken; a part of a document is never taken for more than it has.

use gleaner_readers::{OntologyFormat, Years, doc_id, read_document, read_ontology};
use gleaner_shared::document::{Document, Kind};
use proptest::prelude::*;

const KINDS: [Kind; 3] = [Kind::Cord19, Kind::Jats, Kind::Text];
const FORMATS: [OntologyFormat; 4] =
    [OntologyFormat::Obo, OntologyFormat::Owl, OntologyFormat::OboGraph, OntologyFormat::Tsv];

const PARSE: &str = r#"{"paper_id": "x", "metadata": {"title": "a \u00e9\n", "authors": []},
    "abstract": [{"text": "b", "cite_spans": [{"start": 1}]}], "body_text": [{"text": "c"}]}"#;
const ARTICLE: &str = "<?xml version='1.0'?><!DOCTYPE article PUBLIC 'x' 'y' [<!ENTITY e 'f'>]>
    <article><front><article-meta><title-group><article-title>a &amp; b</article-title>
    </title-group><pub-date><year>2001</year></pub-date><abstract><p>c<!-- d --></p></abstract>
    </article-meta></front><body><p>e<fig><p>f</p></fig><list><list-item>\u{e9}</list-item></list>
    <![CDATA[g]]>&#65;</p></body></article>";
const OWL: &str = "<!DOCTYPE r:RDF [<!ENTITY o 'http://www.w3.org/2002/07/owl#'><!-- < -->]>
    <r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:o='&o;'
    xmlns:s='http://www.w3.org/2000/01/rdf-schema#'><o:Class r:about='&o;X'><s:label>a &lt;
    </s:label></o:Class></r:RDF>";
const OBO: &str = "format-version: 1.2\n\n[Term]\nid: X:1 ! a\nname: a\\n\nsynonym: \"b \\\" c\" \
    EXACT []\nis_obsolete: false\n\n[Typedef]\nid: y\n";
const GRAPH: &str = r#"{"graphs": [{"nodes": [{"id": "X:1", "lbl": "a", "type": "CLASS", "meta":
    {"synonyms": [{"pred": "hasExactSynonym", "val": "b"}]}}], "edges": []}]}"#;
const TSV: &str = "a\tX:1\nb\tX:2\tlabel\n";
const METADATA: &str = "publish_time,pdf_json_files,pmc_json_files\n2001,\"x.json; y.json\",\n";

/// Reads the bytes as everything that there is.
fn read_all(bytes: &[u8]) {
    for kind in KINDS {
        if let Err(broken) = document(kind, bytes) {
            assert!(!broken.is_empty());
        }
    }
    for format in FORMATS {
        let mut each = |concept: gleaner_readers::Concept| {
            assert!(!concept.id.is_empty() && !concept.label.is_empty());
        };
        if let Err(broken) = read_ontology(format, bytes, &mut each) {
            assert!(!broken.to_string().is_empty());
        }
    }
    if let Err(broken) = Years::read(bytes) {
        assert!(!broken.to_string().is_empty());
    }
}

fn document(kind: Kind, bytes: &[u8]) -> Result<Document, String> {
    read_document(kind, "x".to_owned(), bytes, &Years::empty()).map_err(|broken| broken.to_string())
}

/// A real file with a piece of it replaced.
fn spoilt() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop::sample::select(vec![PARSE, ARTICLE, OWL, OBO, GRAPH, TSV, METADATA]);
    let piece = prop::collection::vec(
        prop::sample::select(b"<>&;/!?-[]{}\"'\\:,=ax \n\t\r\0\xff\xc3".to_vec()),
        0..6,
    );
    (whole, any::<prop::sample::Index>(), 0_usize..8, piece).prop_map(|(whole, at, cut, piece)| {
        let bytes = whole.as_bytes();
        let start = at.index(bytes.len());
        let end = (start + cut).min(bytes.len());
        [&bytes[..start], &piece, &bytes[end..]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_broken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn a_spoilt_file_is_read_or_broken(bytes in spoilt()) {
        read_all(&bytes);
    }

    #[test]
    fn a_text_keeps_all_that_is_not_blank(text in "[a-c \n\r\u{a0}\u{200b}]{0,60}") {
        let solid = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
        let document = document(Kind::Text, text.as_bytes()).expect("text always reads");
        for paragraph in &document.paragraphs {
            prop_assert!(paragraph.lines().all(|line| !solid(line).is_empty()), "{paragraph:?}");
        }
        prop_assert_eq!(solid(&document.paragraphs.concat()), solid(&text));
    }

    #[test]
    fn a_document_id_has_no_ending_and_no_control(name in "[a\u{7f}é.]{0,3}(\\.xml|\\.json|\\.txt|\\.nxml){0,3}") {
        if let Ok(id) = doc_id(&name) {
            prop_assert!(name.starts_with(&id) && !id.is_empty());
            prop_assert!(!id.chars().any(char::is_control));
        }
    }
}

#[test]
fn the_samples_are_whole_and_no_part_of_them_is() {
    for (kind, whole) in [(Kind::Cord19, PARSE), (Kind::Jats, ARTICLE)] {
        assert!(document(kind, whole.as_bytes()).is_ok(), "{kind:?}");
        for end in 0..whole.len() {
            assert!(document(kind, &whole.as_bytes()[..end]).is_err(), "{kind:?} {end}");
        }
    }
    for (format, whole) in FORMATS.into_iter().zip([OBO, OWL, GRAPH, TSV]) {
        let read = |bytes: &[u8]| read_ontology(format, bytes, &mut |_| {}).is_ok();
        assert!(read(whole.as_bytes()), "{format:?}");
        for end in 0..whole.len() {
            let is_closed = matches!(format, OntologyFormat::Owl | OntologyFormat::OboGraph);
            assert!(!(read(&whole.as_bytes()[..end]) && is_closed), "{format:?} {end}");
        }
    }
    assert!(Years::read(METADATA.as_bytes()).is_ok());
}
