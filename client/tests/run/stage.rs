//! Work for a played server to give: documents, payloads, a dictionary.

use std::ops::Range;

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_shared::digest::digest;
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::id::Digest;
use gleaner_shared::measure::Millis;
use gleaner_shared::payload::{PayloadBuilder, document_encode};
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::{Artefact, GrantUnit, JobBrief};

/// A unit of one document, and its payload's bytes. The document has so many words, all different
/// from those of other numbers.
pub(crate) fn unit(number: usize, words: usize) -> (GrantUnit, Vec<u8>) {
    unit_of(number..number + 1, words)
}

/// A unit of several documents.
pub(crate) fn unit_of(numbers: Range<usize>, words: usize) -> (GrantUnit, Vec<u8>) {
    let mut builder = PayloadBuilder::default();
    for number in numbers {
        let text = |word| format!("heart{number} lung{word} ");
        let document = Document {
            id: format!("document-{number}"),
            kind: Kind::Text,
            year: 0,
            paragraphs: vec![(0..words).map(text).collect()],
        };
        builder.push(&document_encode(&document).unwrap());
    }
    let (payload, bytes) = builder.build().unwrap();
    (GrantUnit { payload, docs: DocRange { first: 0, count: payload.docs } }, bytes)
}

/// A job that counts words: some milliseconds for a unit of thousands of them.
pub(crate) fn word_count() -> JobBrief {
    JobBrief {
        digest: Digest([7; 32]),
        name: "words".into(),
        app: "word-count@1".into(),
        params: Vec::new(),
        data: None,
        deadline: Millis::from_seconds(600),
    }
}

/// A job whose units take hours, and its dictionary.
pub(crate) fn endless() -> (JobBrief, Vec<u8>) {
    let concept =
        Concept { id: "C:1".into(), label: "heart1".into(), synonyms: vec!["lung1".into()] };
    let data = Dictionary::compile([concept]).unwrap().encode();
    let artefact = Artefact { digest: digest(&data), len: data.len() as u64 };
    let job = JobBrief {
        name: "endless".into(),
        app: "paced-match@1".into(),
        params: vec![("rounds".into(), "1000000".into())],
        data: Some(artefact),
        ..word_count()
    };
    (job, data)
}
