//! From a surface (a label or synonym) to keys: which are dropped, which are exact, and plurals.

use super::stop::is_stop;
use super::{Class, Mode};
use crate::text::canonical;

/// Terms of so many characters at most can be acronyms.
const EXACT_CHARS_MAX: usize = 5;
/// Shorter exact terms are dropped.
const EXACT_CHARS_MIN: usize = 3;
/// Shorter folded terms are dropped.
const FOLDED_CHARS_MIN: usize = 4;

/// The key that a surface gives and how it is compared, or nothing if it is dropped.
pub(crate) fn key_of(surface: &str) -> Option<(String, Mode)> {
    let term = canonical(surface);
    let chars = term.chars().count();
    let mode = if chars <= EXACT_CHARS_MAX
        && term.bytes().any(|byte| byte.is_ascii_uppercase())
        && !term.bytes().any(|byte| byte.is_ascii_lowercase())
    {
        Mode::Exact
    } else {
        Mode::Fold
    };
    let least = match mode {
        Mode::Exact => EXACT_CHARS_MIN,
        Mode::Fold => FOLDED_CHARS_MIN,
    };
    let key = term.to_ascii_lowercase();
    let dropped =
        chars < least || !key.bytes().any(|byte| byte.is_ascii_lowercase()) || is_stop(&key);
    (!dropped).then_some((key, mode))
}

/// The plural of a folded key, as far as a rule makes one.
pub(crate) fn plural(key: &str) -> Option<String> {
    if let Some(stem) = key.strip_suffix("sis") {
        return Some(format!("{stem}ses"));
    }
    match key.as_bytes() {
        [.., before, b'y'] if b"bcdfghjklmnpqrstvwxz".contains(before) => {
            Some(format!("{}ies", &key[..key.len() - 1]))
        }
        [.., b's' | b'x' | b'z'] | [.., b'c' | b's', b'h'] => Some(format!("{key}es")),
        [.., b'a'..=b'z'] => Some(format!("{key}s")),
        _ => None,
    }
}

/// Hands out each key of a concept: its label's, its synonyms', and their plurals.
pub(crate) fn each_key<'a>(
    label: &'a str,
    synonyms: impl Iterator<Item = &'a str>,
    each: &mut impl FnMut(String, Mode, Class),
) {
    let surfaces = synonyms.map(|synonym| (synonym, Class::Synonym));
    for (surface, class) in core::iter::once((label, Class::Label)).chain(surfaces) {
        let Some((key, mode)) = key_of(surface) else { continue };
        if mode == Mode::Fold
            && let Some(plural) = plural(&key)
        {
            each(plural, Mode::Fold, Class::Plural);
        }
        each(key, mode, class);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_become_keys_or_are_dropped() {
        for (surface, key) in [
            ("Lung  cancer", Some(("lung cancer", Mode::Fold))),
            ("AIDS", Some(("aids", Mode::Exact))),
            ("H1N1", Some(("h1n1", Mode::Exact))),
            ("COVID-19", Some(("covid-19", Mode::Fold))),
            ("HIV", Some(("hiv", Mode::Exact))),
            ("TB", None),
            ("flu", None),
            ("gout", Some(("gout", Mode::Fold))),
            ("\u{c9}COLE", Some(("\u{c9}cole", Mode::Exact))),
            ("\u{3b2}\u{3b3}\u{3b4}\u{3b5}", None),
            ("1234", None),
            ("This", None),
            ("THIS", None),
            (" \u{ad} ", None),
        ] {
            let expected = key.map(|(key, mode)| (key.to_owned(), mode));
            assert_eq!(key_of(surface), expected, "{surface}");
        }
    }

    #[test]
    fn plurals_follow_the_rules_in_their_order() {
        for (key, expected) in [
            ("stenosis", Some("stenoses")),
            ("neuropathy", Some("neuropathies")),
            ("assay", Some("assays")),
            ("virus", Some("viruses")),
            ("rash", Some("rashes")),
            ("itch", Some("itches")),
            ("pox", Some("poxes")),
            ("fever", Some("fevers")),
            ("covid-19", None),
            ("caf\u{e9}", None),
            ("\u{e9}y", Some("\u{e9}ys")),
        ] {
            assert_eq!(plural(key).as_deref(), expected, "{key}");
        }
    }
}
