//! The apps on a few sentences, with rows worked out by hand; and what they refuse.

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_apps::{App, Params, app, run_unit};
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::payload::{Payload, PayloadBuilder, document_encode, payload_open};
use gleaner_shared::records;
use gleaner_shared::table::Value;
use gleaner_shared::unit::DocRange;

fn document(id: &str, paragraphs: &[&str]) -> Document {
    let paragraphs = paragraphs.iter().map(|text| (*text).to_owned()).collect();
    Document { id: id.to_owned(), kind: Kind::Text, year: 2020, paragraphs }
}

fn payload(documents: &[Document]) -> Payload {
    let mut builder = PayloadBuilder::default();
    for document in documents {
        builder.push(&document_encode(document).expect("a small document"));
    }
    let (facts, bytes) = builder.build().expect("memory takes all bytes");
    payload_open(&facts, &bytes).expect("the payload opens")
}

fn dictionary() -> Vec<u8> {
    let concepts =
        [("X:1", "cough"), ("X:2", "fever"), ("X:3", "lung cancer")].map(|(id, label)| Concept {
            id: id.to_owned(),
            label: label.to_owned(),
            synonyms: Vec::new(),
        });
    Dictionary::compile(concepts).expect("it compiles").encode()
}

/// The rows of one table as lines, values between blanks.
fn rows(app: &dyn App, data: Option<&[u8]>, documents: &[Document], table: &str) -> Vec<String> {
    let prepared = app.prepare(&Params::new(), data).expect("the app is ready");
    let payload = payload(documents);
    let all = DocRange { first: 0, count: payload.docs() };
    let bytes = run_unit(app, &*prepared, &payload, all).expect("the unit runs");
    let tables = records::decode(app.tables(), &bytes).expect("canonical bytes");
    let place = app.tables().iter().position(|other| other.name == table).expect("a table");
    let shown = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Int(int) => int.to_string(),
    };
    tables[place].iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
}

fn check(name: &str, table: &str, expected: &[&str]) {
    let app = app(name).expect("the app");
    let needs_dictionary = name != "word-count";
    let data = needs_dictionary.then(dictionary);
    let documents = [
        document("b", &["Fever, cough; FEVERS. A cough!", " ", "No lung  cancer."]),
        document("a", &["Cough and fever."]),
    ];
    assert_eq!(rows(app, data.as_deref(), &documents, table), expected, "{name} {table}");
}

#[test]
fn mentions_are_places_in_canonical_paragraphs() {
    let mentions = [
        "a 0 0 0 5 X:1",
        "a 0 0 10 15 X:2",
        "b 0 0 0 5 X:2",
        "b 0 0 7 12 X:1",
        "b 0 0 14 20 X:2",
        "b 0 1 24 29 X:1",
        "b 1 0 3 14 X:3",
    ];
    check("ontology-match", "mentions", &mentions);
    check("paced-match", "mentions", &mentions);
}

#[test]
fn a_pair_counts_once_in_a_sentence_and_sums_over_documents() {
    check("ontology-match", "doc_edges", &["a X:1 X:2 1", "b X:1 X:2 1"]);
    check("ontology-match", "edges", &["X:1 X:2 2 2"]);
    check("ontology-match", "edge_years", &["X:1 X:2 2020 2 2"]);
    check("ontology-match", "concepts", &["X:1 3 3 2", "X:2 3 2 2", "X:3 1 1 1"]);
}

#[test]
fn words_are_folded_and_counted_with_their_documents() {
    let words = [
        "a 1 1",
        "and 1 1",
        "cancer 1 1",
        "cough 3 2",
        "fever 2 2",
        "fevers 1 1",
        "lung 1 1",
        "no 1 1",
    ];
    check("word-count", "words", &words);
}

#[test]
fn an_app_refuses_what_it_does_not_take() {
    let good = dictionary();
    let cases: [(&str, &str, Option<&[u8]>, &str); 6] = [
        ("ontology-match", "", None, "ontology-match needs a dictionary: submit the job with one"),
        ("word-count", "", Some(&good), "word-count takes no data: submit the job without it"),
        ("word-count", "limit=3", None, "word-count has no parameter `limit`: it has none"),
        (
            "paced-match",
            "round=3",
            Some(&good),
            "paced-match has no parameter `round`: did you mean `rounds`?",
        ),
        (
            "paced-match",
            "rounds=many",
            Some(&good),
            "parameter `rounds` of paced-match is `many`, but must be a whole number from 1 to 1000000",
        ),
        ("ontology-match", "", Some(b"no dictionary"), "the data is no dictionary: "),
    ];
    for (name, params, data, message) in cases {
        let params: Params = params
            .split_once('=')
            .map(|(name, value)| (name.into(), value.into()))
            .into_iter()
            .collect();
        let error = app(name).expect("the app").prepare(&params, data).expect_err(message);
        assert!(error.to_string().starts_with(message), "{error}");
    }
}

#[test]
fn a_range_that_the_payload_does_not_have_is_a_failure_and_no_panic() {
    let app = app("word-count").expect("the app");
    let prepared = app.prepare(&Params::new(), None).expect("the app is ready");
    let payload = payload(&[document("a", &["One."])]);
    for (first, count) in [(1, 1), (0, 2)] {
        let error = run_unit(app, &*prepared, &payload, DocRange { first, count });
        assert!(error.is_err(), "{first} {count}");
    }
}
