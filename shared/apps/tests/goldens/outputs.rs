//! Whole golden outputs: any order of documents and any number of units gives the same bytes.

use std::fs;

use gleaner_apps::dictionary::Dictionary;
use gleaner_apps::{App, Params, app, run_unit};
use gleaner_shared::document::Document;
use gleaner_shared::records::{self, Tables};
use gleaner_shared::unit::DocRange;
use serde_json::Value;

use crate::beside;
use crate::corpus::{concepts, dictionary, documents, payload};
use crate::files::files;

/// The merged tables of a job, with units of so many documents.
fn merged(app: &dyn App, data: Option<&[u8]>, documents: &[Document], unit_docs: u32) -> Tables {
    let prepared = app.prepare(&Params::new(), data).expect("the app is ready");
    let payload = payload(documents);
    let mut merged: Tables = vec![Vec::new(); app.tables().len()];
    let mut first = 0;
    while first < payload.docs() {
        let range = DocRange { first, count: unit_docs.min(payload.docs() - first) };
        let bytes = run_unit(app, &*prepared, &payload, range).expect("the unit runs");
        let tables = records::decode(app.tables(), &bytes).expect("canonical bytes");
        for (into, rows) in merged.iter_mut().zip(tables) {
            into.extend(rows);
        }
        first = range.end();
    }
    for (table, rows) in app.tables().iter().zip(&mut merged) {
        records::combine(table, rows).expect("unique keys");
    }
    merged
}

#[test]
fn every_golden_file_comes_out_byte_for_byte() {
    let (Some(data), Some(golden)) = (beside("data"), beside("golden/open")) else { return };
    let summary = fs::read(golden.join("summary.json")).expect("summary.json");
    let summary: Value = serde_json::from_slice(&summary).expect("JSON");
    let dictionary = dictionary(&data, &summary);
    let artefact = dictionary.encode();
    let app = app("ontology-match").expect("the app");
    let mut documents = documents(&data);
    for (unit_docs, reversed) in [(u32::MAX, false), (1, true), (7, true)] {
        if reversed {
            documents.reverse();
        }
        let merged = merged(app, Some(&artefact), &documents, unit_docs);
        let files = files(app, &merged, &dictionary);
        assert_eq!(files.len(), 8);
        // A difference in an early step shows in the later ones too, so the first one is told.
        let order = [
            "dictionary",
            "docs",
            "mentions",
            "doc_nodes",
            "doc_edges",
            "edges",
            "edge_years",
            "nodes",
        ];
        for name in order.map(|name| format!("{name}.tsv")) {
            let expected = fs::read_to_string(golden.join(&name)).expect("a golden file");
            let found = &files[name.as_str()];
            let first =
                found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            assert_eq!(first, None, "{name}, units of {unit_docs}");
            assert!(*found == expected, "{name} has other rows at its end, units of {unit_docs}");
        }
    }
}

#[test]
fn the_dictionary_is_counted_as_in_the_summary_and_survives_its_artefact() {
    let (Some(data), Some(golden)) = (beside("data"), beside("golden/open")) else { return };
    let summary = fs::read(golden.join("summary.json")).expect("summary.json");
    let summary: Value = serde_json::from_slice(&summary).expect("JSON");
    let dictionary = dictionary(&data, &summary);
    let counts = dictionary.counts();
    assert_eq!(Some(counts.keys as u64), summary["totals"]["dictionary_keys"].as_u64());
    assert!(Dictionary::decode(&dictionary.encode()).expect("it decodes") == dictionary);
}

#[test]
fn three_formats_of_one_release_are_one_dictionary() {
    let Some(data) = beside("data/onto") else { return };
    let of = |name: &str| Dictionary::compile(concepts(&data.join(name))).expect("it compiles");
    let obo = of("symp.obo");
    assert_eq!(obo.counts().keys, 2_261);
    assert!(obo.encode() == of("symp.owl").encode(), "OBO and OWL differ");
    assert!(obo.encode() == of("symp.json").encode(), "OBO and JSON differ");
}

#[test]
fn words_are_counted_the_same_in_any_units() {
    let Some(data) = beside("data") else { return };
    let app = app("word-count").expect("the app");
    let mut documents = documents(&data);
    let whole = merged(app, None, &documents, u32::MAX);
    assert!(whole[0].len() > 10_000, "{} words", whole[0].len());
    documents.reverse();
    assert!(merged(app, None, &documents, 3) == whole);
}
