//! M1, mentions: where a sentence names concepts.
//!
//! A key can only begin where a word begins, or at another character that no word character stands
//! before. There the key's head (its first word, or its first other character) is looked up; so
//! most words cost one probe. Automata over bytes look at every byte, and need all overlapping
//! matches to be right at word edges: they were measured slower.

mod folded;
mod heads;
mod prefixes;

pub use folded::Folded;

use crate::dictionary::{ConceptIndex, Dictionary};
use crate::text::{Span, WORD_BYTES, is_word};
use heads::Heads;
use prefixes::Prefixes;

/// A place in a text that names a concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Bytes of the text.
    pub span: Span,
    /// What is named there.
    pub concept: ConceptIndex,
}

/// A dictionary made ready for texts. Never changes: threads share it.
#[derive(Debug)]
pub struct Matcher {
    dictionary: Dictionary,
    prefixes: Prefixes,
    heads: Heads,
}

impl Matcher {
    /// Makes a dictionary ready, in time linear in its size.
    pub fn new(dictionary: Dictionary) -> Self {
        let prefixes = Prefixes::of(dictionary.keys());
        let heads = Heads::of(dictionary.keys());
        Self { dictionary, prefixes, heads }
    }

    /// What it was made of.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The mentions of a canonical text that is taken as one sentence.
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        let mut found = Vec::new();
        let mut folded = Folded::default();
        folded.set(text);
        self.each_mention(text, &folded, Span::whole(text), &mut |mention| found.push(mention));
        found
    }

    /// Hands out the mentions of one sentence of a text, in order. `folded` holds the same text.
    pub fn each_mention(
        &self,
        text: &str,
        folded: &Folded,
        sentence: Span,
        each: &mut impl FnMut(Mention),
    ) {
        let mut at = sentence.start;
        let mut after_word = false; // No key begins between two characters of a word.
        while at < sentence.end {
            let head = head_at(text, at, sentence.end);
            if !(after_word && head.kind == HeadKind::Other)
                && let Some(mention) = self.longest(text, folded, head, sentence.end)
            {
                at = mention.span.end;
                after_word = text[..at].chars().next_back().is_some_and(is_word);
                each(mention);
            } else {
                at = head.span.end;
                after_word = head.kind == HeadKind::Word;
            }
        }
    }

    /// Of the candidates at a head the longest.
    fn longest(&self, text: &str, folded: &Folded, head: Head, end: usize) -> Option<Mention> {
        let start = head.span.start;
        if head.kind == HeadKind::Other && !self.heads.begins_with(text.as_bytes()[start]) {
            return None;
        }
        let rest = &folded.bytes()[start..end];
        let hash = folded.hash(head.span);
        for range in self.heads.ranges(hash) {
            for key in self.prefixes.of_text(self.dictionary.keys(), range, rest) {
                let span = Span { start, end: start + self.dictionary.keys().bytes_at(key).len() };
                if span.end < end && text[span.end..end].starts_with(is_word) {
                    continue;
                }
                if let Some(concept) = self.candidate(key, span.of(text)) {
                    return Some(Mention { span, concept });
                }
            }
        }
        None
    }

    /// The concept that a key names where the text reads `found`.
    fn candidate(&self, key: usize, found: &str) -> Option<ConceptIndex> {
        let senses = self.dictionary.senses(key);
        let exact = senses.exact.filter(|_| !found.bytes().any(|byte| byte.is_ascii_lowercase()));
        exact.or(senses.fold).map(|sense| sense.concept)
    }
}

/// The first word of what begins at a place, or its first character if that is none of a word.
#[derive(Clone, Copy)]
struct Head {
    span: Span,
    kind: HeadKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeadKind {
    Word,
    Other,
}

/// The head of what begins at `start` and ends before `end`; there is at least one character.
fn head_at(text: &str, start: usize, end: usize) -> Head {
    let bytes = &text.as_bytes()[..end];
    let mut at = start;
    while at < end {
        let byte = usize::from(bytes[at]);
        let (word, len) = match WORD_BYTES.get(byte) {
            Some(word) => (*word, 1),
            None => {
                let c = text[at..].chars().next().expect("`at` is inside the text");
                (is_word(c), c.len_utf8())
            }
        };
        if !word {
            if at > start {
                break;
            }
            return Head { span: Span { start, end: at + len }, kind: HeadKind::Other };
        }
        at += len;
    }
    Head { span: Span { start, end: at }, kind: HeadKind::Word }
}

#[cfg(test)]
mod tests;
