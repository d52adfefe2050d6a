//! All documents of the set, against docs.tsv.

use std::collections::BTreeMap;
use std::fs::{self, File};

use gleaner_readers::{Format, Years, doc_id, kind_of, read_document};

use crate::canonical::canonical;
use crate::{beside, files, name};

#[test]
fn every_document_reads_as_the_golden_results_say() {
    let (Some(data), Some(golden)) = (beside("data/docs"), beside("golden/open")) else { return };
    let metadata = File::open(data.join("cord19/metadata.csv")).expect("metadata.csv is there");
    let years = Years::read(metadata).expect("metadata.csv reads");
    let mut read = BTreeMap::new();
    for path in ["cord19", "jats", "text"].iter().flat_map(|kind| files(&data.join(kind))) {
        let Some(kind) = kind_of(Format::Auto, name(&path)) else { continue };
        let id = doc_id(name(&path)).expect("an id");
        let bytes = fs::read(&path).expect("the file can be read");
        let document = read_document(kind, id, &bytes, &years)
            .unwrap_or_else(|broken| panic!("{}: {broken}", path.display()));
        let text: String = document
            .paragraphs
            .iter()
            .map(|paragraph| canonical(paragraph))
            .filter(|paragraph| !paragraph.is_empty())
            .map(|paragraph| paragraph + "\n")
            .collect();
        let paragraphs = text.lines().count();
        let row = [
            document.kind.name().to_owned(),
            document.year.to_string(),
            paragraphs.to_string(),
            (text.len() - paragraphs).to_string(),
        ];
        read.insert(document.id, row);
    }
    assert_eq!(read, expected(&fs::read_to_string(golden.join("docs.tsv")).expect("docs.tsv")));
}

/// Kind, year, paragraphs and bytes of text, by document.
fn expected(table: &str) -> BTreeMap<String, [String; 4]> {
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name| header.iter().position(|column| *column == name).expect("a column");
    let columns = ["kind", "year", "paragraphs", "text_bytes"].map(column);
    lines.map(|row| (row[0].to_owned(), columns.map(|at| row[at].to_owned()))).collect()
}
