//! The known name that somebody probably meant.

/// Edits beyond which a name is no slip of the keyboard.
const EDITS_MAX: usize = 2;
/// Longer names are not compared: no known name is near.
const NAME_CHARS_MAX: usize = 64;

/// The known name with the fewest edits from `name`, if they are few; the first of equals.
pub(crate) fn nearest(
    name: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    if name.chars().count() > NAME_CHARS_MAX {
        return None;
    }
    known
        .map(|other| (edits(name, other), other))
        .filter(|(edits, other)| *edits <= EDITS_MAX && *edits < other.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, other)| other)
}

/// Levenshtein's distance: characters to put in, take out or change.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_a_stranger_is_not() {
        let known = ["rounds", "limit", "ontology-match"];
        for (name, expected) in [
            ("round", Some("rounds")),
            ("ruonds", Some("rounds")),
            ("limits", Some("limit")),
            ("ontology_match", Some("ontology-match")),
            ("", None),
            ("words", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
        assert_eq!(nearest(&"r".repeat(1 << 20), known.into_iter()), None);
    }
}
