//! The open data set: its documents, and the dictionary of its six ontologies.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_readers::{
    Format, Years, doc_id, kind_of, ontology_format, read_document, read_ontology,
};
use gleaner_shared::document::Document;
use gleaner_shared::payload::{Payload, PayloadBuilder, document_encode, payload_open};
use serde_json::Value;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be listed");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name")
}

/// All documents, in the order of their files.
pub(crate) fn documents(data: &Path) -> Vec<Document> {
    let metadata = File::open(data.join("docs/cord19/metadata.csv")).expect("metadata.csv");
    let years = Years::read(metadata).expect("metadata.csv reads");
    let folders = ["cord19", "jats", "text"].map(|kind| data.join("docs").join(kind));
    let read = |path: PathBuf| {
        let kind = kind_of(Format::Auto, name(&path))?;
        let id = doc_id(name(&path)).expect("an id");
        let bytes = fs::read(&path).expect("the file can be read");
        Some(read_document(kind, id, &bytes, &years).expect("the document reads"))
    };
    folders.iter().flat_map(|folder| files(folder)).filter_map(read).collect()
}

/// The dictionary of the ontologies that the golden outputs were made with.
pub(crate) fn dictionary(data: &Path, summary: &Value) -> Dictionary {
    let ontologies = summary["ontologies"].as_array().expect("ontologies");
    let concepts = ontologies.iter().flat_map(|ontology| {
        concepts(&data.join("onto").join(ontology["file"].as_str().expect("a file name")))
    });
    Dictionary::compile(concepts).expect("the dictionary compiles")
}

/// The concepts of one ontology.
pub(crate) fn concepts(path: &Path) -> Vec<Concept> {
    let format = ontology_format(name(path)).expect("a known format");
    let file = BufReader::new(File::open(path).expect("the ontology is there"));
    let mut concepts = Vec::new();
    read_ontology(format, file, &mut |concept| {
        let gleaner_readers::Concept { id, label, synonyms } = concept;
        concepts.push(Concept { id, label, synonyms });
    })
    .expect("the ontology reads");
    concepts
}

/// Documents packed as the server does it.
pub(crate) fn payload(documents: &[Document]) -> Payload {
    let mut builder = PayloadBuilder::default();
    for document in documents {
        builder.push(&document_encode(document).expect("the document is in bounds"));
    }
    let (facts, bytes) = builder.build().expect("memory takes all bytes");
    payload_open(&facts, &bytes).expect("the payload opens")
}
