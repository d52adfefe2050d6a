//! From an analysed document to the rows of all tables.

use gleaner_shared::document::Document;
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Row, Value};

use super::analysis::Analysis;
use super::tables::place;
use crate::dictionary::{ConceptIndex, Dictionary};

/// Adds a document's rows, table by table.
pub(super) fn add(
    document: &Document,
    analysis: &Analysis,
    dictionary: &Dictionary,
    out: &mut Tables,
) {
    let concept = |index: ConceptIndex| text(dictionary.concept_id(index));
    let doc = || text(&document.id);
    out[place::DOCS].push(doc_row(document, analysis));
    out[place::MENTIONS].extend(analysis.mentions.iter().map(|found| {
        vec![
            doc(),
            int(found.paragraph),
            int(found.sentence),
            size(found.span.start),
            size(found.span.end),
            concept(found.concept),
        ]
    }));
    for (rank, node) in (1_u32..).zip(&analysis.graph.nodes) {
        let (mentions, sentences) = (int(node.mentions), int(node.sentences));
        out[place::DOC_NODES].push(vec![
            doc(),
            int(rank),
            concept(node.concept),
            mentions.clone(),
            sentences.clone(),
            long(node.strength),
            long(node.pagerank),
        ]);
        out[place::CONCEPTS].push(vec![concept(node.concept), mentions, sentences, int(1_u8)]);
    }
    for ((a, b), weight) in &analysis.graph.edges {
        let (a, b, year) = (concept(*a), concept(*b), int(document.year));
        out[place::DOC_EDGES].push(vec![doc(), a.clone(), b.clone(), int(*weight)]);
        out[place::EDGES].push(vec![a.clone(), b.clone(), int(*weight), int(1_u8)]);
        out[place::EDGE_YEARS].push(vec![a, b, year, int(*weight), int(1_u8)]);
    }
}

fn doc_row(document: &Document, analysis: &Analysis) -> Row {
    vec![
        text(&document.id),
        text(document.kind.name()),
        int(document.year),
        int(analysis.language.hits),
        int(analysis.language.words),
        int(u8::from(analysis.language.is_english())),
        int(analysis.paragraphs),
        int(analysis.sentences),
        size(analysis.text_bytes),
        size(analysis.mentions.len()),
        size(analysis.graph.nodes.len()),
        size(analysis.graph.edges.len()),
        int(analysis.graph.oversize),
        text(&analysis.text_sha256.to_string()),
        text(&analysis.sentences_sha256.to_string()),
    ]
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn int(number: impl Into<u32>) -> Value {
    Value::Int(i64::from(number.into()))
}

fn size(size: usize) -> Value {
    Value::Int(i64::try_from(size).expect("no document is so large"))
}

fn long(number: u64) -> Value {
    Value::Int(i64::try_from(number).expect("ranks and strengths of a document are far under 2^63"))
}
