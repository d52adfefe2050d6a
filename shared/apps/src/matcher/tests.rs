//! Promises of the matcher: the same mentions as a search that tries everything.

use proptest::prelude::*;

use super::*;
use crate::dictionary::{Concept, Mode};

fn matcher(terms: &[String]) -> Matcher {
    let concepts = terms.iter().enumerate().map(|(index, term)| Concept {
        id: format!("X:{index}"),
        label: term.clone(),
        synonyms: Vec::new(),
    });
    Matcher::new(Dictionary::compile(concepts).unwrap())
}

/// The rules M1 as they are written: every place, every length, every entry.
fn plain(dictionary: &Dictionary, text: &str) -> Vec<(usize, usize, String)> {
    let lower = text.to_ascii_lowercase();
    let edge = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at..].chars().next().is_some_and(is_word);
        (!before, !after)
    };
    let concept = |start: usize, end: usize| {
        let key = &lower[start..end];
        let small = text[start..end].bytes().any(|byte| byte.is_ascii_lowercase());
        let of = |mode| dictionary.entries().find(|entry| entry.key == key && entry.mode == mode);
        of(Mode::Exact).filter(|_| !small).or(of(Mode::Fold)).map(|entry| entry.concept.to_owned())
    };
    let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
    let (mut found, mut from) = (Vec::new(), 0);
    for start in &places {
        if *start < from || !edge(*start).0 {
            continue;
        }
        let ends = places.iter().rev().filter(|end| *end > start && edge(**end).1);
        let longest = ends.map(|end| (*end, concept(*start, *end))).find(|(_, c)| c.is_some());
        if let Some((end, Some(concept))) = longest {
            found.push((*start, end, concept));
            from = end;
        }
    }
    found
}

fn same(terms: &[String], text: &str) -> Result<usize, TestCaseError> {
    let matcher = matcher(terms);
    let expected = plain(matcher.dictionary(), text);
    let found: Vec<_> = matcher
        .mentions(text)
        .into_iter()
        .map(|mention| {
            let concept = matcher.dictionary().concept_id(mention.concept).to_owned();
            (mention.span.start, mention.span.end, concept)
        })
        .collect();
    prop_assert_eq!(&found, &expected, "{:?} in {:?}", terms, text);
    Ok(found.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_search_that_tries_everything_finds_the_same(
        terms in prop::collection::vec("[abA\\-]{3,5}( [abA(]{1,3}){0,2}", 1..12),
        text in "([abA\\-]{1,5}[ (\\-]){0,12}[abA]{0,4}",
    ) {
        same(&terms, &text)?;
    }

    #[test]
    fn other_scripts_and_signs_make_no_difference(
        terms in prop::collection::vec("[(\u{3b2}]?[ab\u{e9}\u{3b2}]{3,4}[\u{2014}\u{b2}) ]?[ab\u{301}]{0,3}", 1..8),
        text in "[ab(\u{e9}\u{3b2}\u{2014}\u{b2}\u{301}) ]{0,40}",
    ) {
        same(&terms, &text)?;
    }

    #[test]
    fn a_text_made_of_the_terms_is_matched_as_well(
        terms in prop::collection::vec("[abAB]{3,4}( [abAB]{1,2}){0,3}", 1..10),
        order in prop::collection::vec((any::<prop::sample::Index>(), "[ \\-]|"), 0..12),
    ) {
        let text: String =
            order.iter().map(|(index, gap)| format!("{}{gap}", index.get(&terms))).collect();
        same(&terms, &text)?;
    }
}

#[test]
fn a_sentence_is_matched_as_if_it_stood_alone() {
    let matcher = matcher(&["lung cancer".into(), "cancer".into()]);
    let text = "Of the lung cancer is.";
    let mut folded = Folded::default();
    folded.set(text);
    for (start, end, expected) in [
        (0, 22, &[(7, 18)][..]),
        (0, 17, &[]),
        (8, 22, &[(12, 18)]),
        (12, 18, &[(12, 18)]),
        (13, 22, &[]),
        (9, 9, &[]),
    ] {
        let mut found = Vec::new();
        let mut each = |mention: Mention| found.push((mention.span.start, mention.span.end));
        matcher.each_mention(text, &folded, Span { start, end }, &mut each);
        assert_eq!(found, expected, "{start}..{end}");
    }
}
