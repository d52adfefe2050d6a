//! The specification's one-rule cases.

use std::fs;

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_apps::matcher::{Folded, Matcher};
use gleaner_apps::text::{Language, canonical, sentences};
use serde_json::Value;

use crate::beside;

fn vectors() -> Option<Value> {
    let bytes = fs::read(beside("golden/vectors.json")?).expect("vectors.json");
    Some(serde_json::from_slice(&bytes).expect("JSON"))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The first surface of a concept is its label, the others are exact synonyms.
fn matcher(ontology: &Value) -> Matcher {
    let concepts = ontology.as_object().expect("concepts").iter().map(|(id, surfaces)| {
        let mut surfaces =
            surfaces.as_array().expect("surfaces").iter().map(|s| text(s).to_owned());
        let label = surfaces.next().expect("a label");
        Concept { id: id.clone(), label, synonyms: surfaces.collect() }
    });
    Matcher::new(Dictionary::compile(concepts).expect("it compiles"))
}

#[test]
fn each_case_gives_its_text_sentences_and_mentions() {
    let Some(vectors) = vectors() else { return };
    let cases = vectors["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 23);
    for case in cases {
        let name = text(&case["name"]);
        let canonical = canonical(text(&case["text"]));
        assert_eq!(canonical, text(&case["canonical"]), "{name}");
        let spans = sentences(&canonical);
        let found: Vec<[usize; 2]> = spans.iter().map(|span| [span.start, span.end]).collect();
        assert_eq!(serde_json::json!(found), case["sentences"], "{name}");
        let matcher = matcher(&case["ontology"]);
        let mut folded = Folded::default();
        folded.set(&canonical);
        let mut mentions = Vec::new();
        for (sentence, span) in spans.iter().enumerate() {
            matcher.each_mention(&canonical, &folded, *span, &mut |mention| {
                let concept = matcher.dictionary().concept_id(mention.concept);
                mentions.push(serde_json::json!([
                    sentence,
                    mention.span.start,
                    mention.span.end,
                    concept
                ]));
            });
        }
        assert_eq!(Value::Array(mentions), case["mentions"], "{name}");
    }
}

#[test]
fn each_language_case_is_judged_so() {
    let Some(vectors) = vectors() else { return };
    let cases = vectors["language"].as_array().expect("cases");
    assert!(!cases.is_empty());
    for case in cases {
        let language = Language::of([canonical(text(&case["text"]))]);
        let found = serde_json::json!([language.hits, language.words, language.is_english()]);
        let expected = serde_json::json!([case["hits"], case["words"], case["english"]]);
        assert_eq!(found, expected, "{}", text(&case["text"]));
    }
}
