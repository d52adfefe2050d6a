//! Promises of the dictionary: order means nothing, bytes are canonical, hostile bytes are refused.

use gleaner_shared::limits::TEXT_BYTES_MAX;
use proptest::prelude::*;

use super::*;

fn concept(id: &str, label: &str, synonyms: &[&str]) -> Concept {
    Concept {
        id: id.into(),
        label: label.into(),
        synonyms: synonyms.iter().map(|synonym| (*synonym).into()).collect(),
    }
}

fn rows(dictionary: &Dictionary) -> Vec<String> {
    let row = |entry: Entry<'_>| {
        format!("{} {} {} {}", entry.key, entry.mode.name(), entry.class, entry.concept)
    };
    dictionary.entries().map(row).collect()
}

#[test]
fn the_least_class_stays_and_then_the_least_id() {
    let dictionary = Dictionary::compile([
        concept("X:9", "influenza", &["COLD", "grippe"]),
        concept("X:10", "Grippe", &["influenza", "cold"]),
        concept("X:1", "flu syndrome", &["influenza", "influenzas"]),
    ])
    .unwrap();
    let expected = [
        "cold exact 1 X:9",
        "cold fold 1 X:10",
        "colds fold 2 X:10",
        "flu syndrome fold 0 X:1",
        "flu syndromes fold 2 X:1",
        "grippe fold 0 X:10",
        "grippes fold 2 X:10",
        "influenza fold 0 X:9",
        "influenzas fold 1 X:1",
        "influenzases fold 2 X:1",
    ];
    assert_eq!(rows(&dictionary), expected);
    let counts = dictionary.counts();
    assert_eq!((counts.keys, counts.concepts, counts.ambiguous), (10, 3, 6));
    assert_eq!(dictionary.label("X:10"), Some("Grippe"));
    assert_eq!(dictionary.label("X:2"), None);
}

#[test]
fn what_no_table_can_hold_is_refused_by_name() {
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    for (concept, message) in [
        (concept("", "fever", &[]), "the concept with label `fever` has no id"),
        (concept("a\tb", "fever", &[]), "concept id `a\tb` is over"),
        (concept(&long, "fever", &[]), "concept id `xxxxxxxx"),
        (concept("X:1", &long, &[]), "the label of `X:1` has 2049 bytes"),
    ] {
        let error = Dictionary::compile([concept]).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    assert!(Dictionary::compile([concept("X:1", &long[1..], &[&long])]).is_ok());
}

#[test]
fn no_concept_is_an_empty_dictionary() {
    let empty = Dictionary::compile([]).unwrap();
    assert_eq!(empty.counts(), Counts { keys: 0, concepts: 0, ambiguous: 0 });
    assert_eq!(Dictionary::decode(&empty.encode()), Ok(empty));
}

fn any_concept() -> impl Strategy<Value = Concept> {
    ("X:[0-4]", "[abAB ]{1,6}", prop::collection::vec("[abAB ]{1,6}", 0..4))
        .prop_map(|(id, label, synonyms)| Concept { id, label, synonyms })
}

proptest! {
    #[test]
    fn order_and_repetition_mean_nothing(
        concepts in prop::collection::vec(any_concept(), 0..8),
        seed in any::<prop::sample::Index>(),
    ) {
        let one = Dictionary::compile(concepts.clone()).unwrap();
        let mut other = concepts.clone();
        other.reverse();
        if !other.is_empty() {
            let middle = seed.index(other.len());
            other.rotate_left(middle);
            other.push(concepts[middle].clone());
        }
        prop_assert_eq!(one.encode(), Dictionary::compile(other).unwrap().encode());
    }

    #[test]
    fn bytes_come_back_and_damage_is_refused_or_canonical(
        concepts in prop::collection::vec(any_concept(), 0..5),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let dictionary = Dictionary::compile(concepts).unwrap();
        let mut bytes = dictionary.encode();
        prop_assert_eq!(bytes.len(), dictionary.encoded_len());
        prop_assert_eq!(Dictionary::decode(&bytes), Ok(dictionary));
        for cut in 0..bytes.len() {
            prop_assert!(Dictionary::decode(&bytes[..cut]).is_err());
        }
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = Dictionary::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn hostile_bytes_never_panic(
        bytes in prop::collection::vec(prop_oneof![3 => 0..4_u8, 1 => any::<u8>()], 0..200),
    ) {
        let mut with_head = b"GLNRDICT\x01\0\0\0".to_vec();
        with_head.extend_from_slice(&bytes);
        for bytes in [bytes, with_head] {
            if let Ok(dictionary) = Dictionary::decode(&bytes) {
                prop_assert_eq!(dictionary.encode(), bytes);
                let _ = crate::matcher::Matcher::new(dictionary);
            }
        }
    }
}
