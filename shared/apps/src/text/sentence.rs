//! S1, sentences of a canonical paragraph: UAX #29 boundaries, less those after an abbreviation,
//! blanks trimmed off, empty ones dropped. Numbered from 0 in the paragraph.

use gleaner_shared::document::Document;

use super::abbreviation::joined;
use super::boundary::Boundaries;
use super::break_class::Classes;
use super::canonical::canonical_paragraphs;
use super::span::Span;

/// Splits paragraphs, and remembers what it learned of their characters. One for a document or
/// longer; what it returns does not depend on what it split before.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    classes: Classes,
}

impl Splitter {
    /// Puts the sentences of a canonical paragraph into `spans`, in place of what is there.
    pub fn split(&mut self, paragraph: &str, spans: &mut Vec<Span>) {
        spans.clear();
        let mut start = 0;
        for end in Boundaries::new(paragraph, &mut self.classes) {
            if !joined(paragraph, end) {
                spans.extend(trimmed(paragraph, start, end));
                start = end;
            }
        }
        spans.extend(trimmed(paragraph, start, paragraph.len()));
    }
}

/// `start..end` without blanks around, if anything is left.
fn trimmed(paragraph: &str, start: usize, end: usize) -> Option<Span> {
    let text = paragraph[start..end].trim_end_matches(' ');
    let end = start + text.len();
    let start = end - text.trim_start_matches(' ').len();
    (start < end).then_some(Span { start, end })
}

/// The sentences of one canonical paragraph.
pub fn sentences(paragraph: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    Splitter::default().split(paragraph, &mut spans);
    spans
}

/// The text of a sentence that a record names, if the document has it.
pub fn sentence_text(document: &Document, paragraph: u32, sentence: u32) -> Option<String> {
    let paragraph = canonical_paragraphs(document).nth(usize::try_from(paragraph).ok()?)?;
    let span = *sentences(&paragraph).get(usize::try_from(sentence).ok()?)?;
    Some(span.of(&paragraph).to_owned())
}

#[cfg(test)]
mod tests {
    use gleaner_shared::document::Kind;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_record_finds_its_sentence_again() {
        let paragraphs = ["  ", "One\u{a0}is. Two.", "\u{ad}", "See Fig. 3. End."];
        let document = Document {
            id: "d".into(),
            kind: Kind::Text,
            year: 0,
            paragraphs: paragraphs.map(String::from).into(),
        };
        for (paragraph, sentence, text) in [
            (0, 0, Some("One is.")),
            (0, 1, Some("Two.")),
            (0, 2, None),
            (1, 0, Some("See Fig. 3.")),
            (1, 1, Some("End.")),
            (2, 0, None),
            (u32::MAX, u32::MAX, None),
        ] {
            assert_eq!(sentence_text(&document, paragraph, sentence).as_deref(), text);
        }
    }

    proptest! {
        #[test]
        fn what_was_split_before_changes_nothing(
            texts in prop::collection::vec("[ .!aB1(\u{e9}\u{ad}\u{5d0}\u{3002}\u{4e9}]{0,20}", 1..6),
        ) {
            let (mut splitter, mut spans) = (Splitter::default(), Vec::new());
            for text in texts {
                splitter.split(&text, &mut spans);
                prop_assert_eq!(&spans, &sentences(&text));
                prop_assert!(spans.iter().all(|span| span.of(&text).trim_matches(' ') == span.of(&text)));
            }
        }
    }
}
