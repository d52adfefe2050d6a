//! Sentence boundaries by UAX #29, the same as the segmentation crate's, in linear time.
//!
//! Only terminators and separators can end a sentence, so everything else is passed over byte by
//! byte. What stands around a terminator decides, by the rules SB4 to SB11.

use super::break_class::{ASCII, Class, Classes};

/// Whether a byte may begin a character that ends a sentence; beyond ASCII the class decides.
const STOPS: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(ASCII[byte], Class::ATerm | Class::STerm | Class::ParaSep);
        byte += 1;
    }
    table
};

/// A walk over a text that stops at each boundary inside it.
#[derive(Debug)]
pub(crate) struct Boundaries<'a> {
    text: &'a str,
    classes: &'a mut Classes,
    at: usize,
}

impl<'a> Boundaries<'a> {
    /// From the text's beginning.
    pub(crate) fn new(text: &'a str, classes: &'a mut Classes) -> Self {
        Self { text, classes, at: 0 }
    }

    /// The class of the character at a byte and the byte after it; `None` at the text's end.
    fn class_at(&mut self, at: usize) -> Option<(Class, usize)> {
        let first = *self.text.as_bytes().get(at)?;
        if first < 0x80 {
            return Some((ASCII[usize::from(first)], at + 1));
        }
        let c = self.text[at..].chars().next()?;
        Some((self.classes.class(c), at + c.len_utf8()))
    }

    /// The first byte from `at` on that is of none of the class's characters, nor of Extend (SB5).
    fn skip(&mut self, class: Class, mut at: usize) -> usize {
        while let Some((found, next)) = self.class_at(at) {
            if found != class && found != Class::Extend {
                break;
            }
            at = next;
        }
        at
    }

    /// Whether a letter of either case stands before a byte (SB7).
    fn cased_before(&mut self, at: usize) -> bool {
        for c in self.text[..at].chars().rev() {
            match self.classes.class(c) {
                Class::Extend => {}
                class => return matches!(class, Class::Upper | Class::Lower),
            }
        }
        false
    }

    /// Whether a small letter comes before any other letter, terminator or separator (SB8).
    fn lower_ahead(&mut self, mut at: usize) -> bool {
        while let Some((class, next)) = self.class_at(at) {
            match class {
                Class::Lower => return true,
                Class::OLetter | Class::Upper => return false,
                Class::ParaSep | Class::ATerm | Class::STerm => return false,
                _ => at = next,
            }
        }
        false
    }

    /// Passes a terminator at `at` and what belongs to it; whether the sentence ends there.
    fn pass_terminator(&mut self, terminator: Class, at: usize, next: usize) -> bool {
        let adjacent = self.skip(Class::Extend, next);
        let close = self.skip(Class::Close, adjacent);
        self.at = self.skip(Class::Sp, close);
        let Some((class, _)) = self.class_at(self.at) else { return false };
        if matches!(class, Class::SContinue | Class::ATerm | Class::STerm | Class::ParaSep) {
            return false; // SB8a, SB9, SB10
        }
        if terminator == Class::STerm {
            return true; // SB11
        }
        let goes_on = match class {
            Class::Numeric => self.at == adjacent, // SB6
            Class::Upper => self.at == adjacent && self.cased_before(at), // SB7
            _ => false,
        };
        !goes_on && !self.lower_ahead(self.at)
    }

    /// Passes a separator that ends at `next`: a sentence ends after it, but not within CR LF.
    fn pass_separator(&mut self, next: usize) -> bool {
        let bytes = self.text.as_bytes();
        let crlf = bytes[next - 1] == b'\r' && bytes.get(next) == Some(&b'\n');
        self.at = next + usize::from(crlf);
        self.at < bytes.len()
    }
}

impl Iterator for Boundaries<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            self.at += rest.iter().position(|byte| STOPS[usize::from(*byte)])?;
            let at = self.at;
            let (class, next) = self.class_at(at)?;
            self.at = next;
            let ends = match class {
                Class::ATerm | Class::STerm => self.pass_terminator(class, at, next),
                Class::ParaSep => self.pass_separator(next),
                _ => false,
            };
            if ends {
                return Some(self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    fn same(text: &str) -> Result<(), TestCaseError> {
        let ours: Vec<usize> = Boundaries::new(text, &mut Classes::default()).collect();
        let theirs = text.split_sentence_bound_indices().map(|(start, _)| start);
        prop_assert_eq!(ours, theirs.filter(|start| *start > 0).collect::<Vec<_>>(), "{:?}", text);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn ascii_ends_where_the_crate_ends_it(text in "[ .!?aB1,;_'()\\-\\n\\r]{0,14}") {
            same(&text)?;
        }

        #[test]
        fn all_classes_end_where_the_crate_ends_them(
            text in "[ .!aB1,(\\n\u{85}\u{301}\u{ad}\u{a0}\u{e9}\u{c9}\u{5d0}\u{661}\u{2024}\u{3002}\u{2014}\u{ab}\u{2026}]{0,14}",
        ) {
            same(&text)?;
        }

        #[test]
        fn any_text_ends_where_the_crate_ends_it(text in "([.!?]|[ )]|\\PC|.){0,20}") {
            same(&text)?;
        }
    }

    #[test]
    fn a_long_run_costs_no_more_than_its_length() {
        for unit in [")", "\u{301}", ".)", ". \u{301}", "a\u{301}.", "\u{ab}"] {
            let text = format!(".{}x", unit.repeat(1 << 20));
            assert!(Boundaries::new(&text, &mut Classes::default()).count() <= 1 << 20);
        }
    }
}
