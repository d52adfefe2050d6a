//! All that is found in one document, before it becomes rows.

use core::fmt::{self, Write};

use gleaner_shared::document::Document;
use gleaner_shared::limits::RESULT_ROWS_MAX;
use sha2::{Digest as _, Sha256};

use super::edges::{Counting, Graph};
use crate::app::AppError;
use crate::dictionary::ConceptIndex;
use crate::matcher::{Folded, Matcher};
use crate::text::{Language, Span, Splitter, canonical_paragraphs};

/// One document, analysed.
#[derive(Debug)]
pub(super) struct Analysis {
    pub(super) language: Language,
    pub(super) paragraphs: u32,
    pub(super) sentences: u32,
    /// Canonical bytes of all paragraphs.
    pub(super) text_bytes: usize,
    /// Over the canonical paragraphs, each with a line's end.
    pub(super) text_sha256: Sha,
    /// Over the places of the sentences.
    pub(super) sentences_sha256: Sha,
    /// In text order.
    pub(super) mentions: Vec<Found>,
    pub(super) graph: Graph,
}

/// A mention in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) paragraph: u32,
    pub(super) sentence: u32,
    /// Bytes of the canonical paragraph.
    pub(super) span: Span,
    pub(super) concept: ConceptIndex,
}

/// A SHA-256, shown in hexadecimal.
#[derive(Debug)]
pub(super) struct Sha([u8; 32]);

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Analysis {
    /// Of a document. Text that is not English is counted, and not looked into.
    pub(super) fn of(document: &Document, matcher: &Matcher) -> Result<Self, AppError> {
        let paragraphs: Vec<_> = canonical_paragraphs(document).collect();
        let language = Language::of(&paragraphs);
        let mut text = Sha256::new();
        for paragraph in &paragraphs {
            text.update(paragraph.as_bytes());
            text.update(b"\n");
        }
        let mut reading = Reading::new(matcher);
        if language.is_english() {
            for (number, paragraph) in (0..).zip(&paragraphs) {
                reading.paragraph(number, paragraph);
                if reading.mentions.len() + reading.counting.len() > RESULT_ROWS_MAX {
                    return Err(AppError::TooLarge(document.id.clone()));
                }
            }
        }
        let count = u32::try_from(paragraphs.len()).expect("a document is far under 4 GiB");
        Ok(Self {
            language,
            paragraphs: count,
            sentences: reading.sentences,
            text_bytes: paragraphs.iter().map(|paragraph| paragraph.len()).sum(),
            text_sha256: Sha(text.finalize().into()),
            sentences_sha256: Sha(reading.places.finalize().into()),
            mentions: reading.mentions,
            graph: reading.counting.ranked(),
        })
    }
}

/// What is kept while a document's paragraphs are read one by one.
struct Reading<'a> {
    matcher: &'a Matcher,
    splitter: Splitter,
    folded: Folded,
    spans: Vec<Span>,
    concepts: Vec<ConceptIndex>,
    lines: String,
    places: Sha256,
    sentences: u32,
    mentions: Vec<Found>,
    counting: Counting,
}

impl<'a> Reading<'a> {
    fn new(matcher: &'a Matcher) -> Self {
        Self {
            matcher,
            splitter: Splitter::default(),
            folded: Folded::default(),
            spans: Vec::new(),
            concepts: Vec::new(),
            lines: String::new(),
            places: Sha256::new(),
            sentences: 0,
            mentions: Vec::new(),
            counting: Counting::default(),
        }
    }

    fn paragraph(&mut self, paragraph: u32, text: &str) {
        self.splitter.split(text, &mut self.spans);
        self.folded.set(text);
        self.lines.clear();
        for (sentence, span) in (0..).zip(&self.spans) {
            writeln!(self.lines, "{paragraph}\t{}\t{}", span.start, span.end)
                .expect("a string takes all that is written");
            self.matcher.each_mention(text, &self.folded, *span, &mut |mention| {
                let (span, concept) = (mention.span, mention.concept);
                self.mentions.push(Found { paragraph, sentence, span, concept });
                self.concepts.push(concept);
            });
            if !self.concepts.is_empty() {
                self.counting.sentence(&mut self.concepts);
            }
        }
        self.places.update(self.lines.as_bytes());
        self.sentences += u32::try_from(self.spans.len()).expect("a document is far under 4 GiB");
    }
}
