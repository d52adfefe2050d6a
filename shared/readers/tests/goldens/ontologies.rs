//! All ontologies of the set, against the summary and each other.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use gleaner_readers::{Concept, ontology_format, read_ontology};

use crate::beside;

/// All concepts of a file, each with its synonyms sorted: the formats order them differently.
fn concepts(folder: &Path, file_name: &str) -> Vec<Concept> {
    let format = ontology_format(file_name).expect("a known format");
    let file = File::open(folder.join(file_name)).expect("the file is there");
    let mut concepts = Vec::new();
    let mut each = |mut concept: Concept| {
        concept.synonyms.sort();
        concepts.push(concept);
    };
    read_ontology(format, BufReader::new(file), &mut each)
        .unwrap_or_else(|broken| panic!("{file_name}: {broken}"));
    concepts
}

#[test]
fn each_ontology_has_the_concepts_of_the_summary() {
    let (Some(data), Some(golden)) = (beside("data/onto"), beside("golden/open")) else { return };
    let summary = fs::read(golden.join("summary.json")).expect("summary.json");
    let summary: serde_json::Value = serde_json::from_slice(&summary).expect("JSON");
    let mut surfaces = 0;
    for ontology in summary["ontologies"].as_array().expect("ontologies") {
        let file_name = ontology["file"].as_str().expect("a file name");
        let concepts = concepts(&data, file_name);
        assert_eq!(Some(concepts.len() as u64), ontology["concepts"].as_u64(), "{file_name}");
        surfaces += concepts.iter().map(|concept| 1 + concept.synonyms.len()).sum::<usize>();
    }
    let stats = &summary["totals"]["dictionary_stats"];
    assert_eq!(Some(surfaces as u64), stats["surfaces"].as_u64());
}

#[test]
fn three_formats_of_one_release_are_the_same_concepts() {
    let Some(data) = beside("data/onto") else { return };
    let set = |file_name: &str| concepts(&data, file_name).into_iter().collect::<BTreeSet<_>>();
    let obo = set("symp.obo");
    assert_eq!(obo.len(), 895);
    assert!(obo == set("symp.owl"), "OBO and OWL differ");
    assert!(obo == set("symp.json"), "OBO and JSON differ");
}

#[test]
fn a_cut_ontology_breaks() {
    let Some(data) = beside("data/onto") else { return };
    for file_name in ["symp.owl", "symp.json"] {
        let bytes = fs::read(data.join(file_name)).expect("the file can be read");
        let format = ontology_format(file_name).expect("a known format");
        for part in 0..50 {
            let cut = &bytes[..bytes.len() * part / 50];
            assert!(read_ontology(format, cut, &mut |_| {}).is_err(), "{file_name} {part}");
        }
    }
}
