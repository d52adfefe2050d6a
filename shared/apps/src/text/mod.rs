//! Text by the rules of ontology-match 1: canonical form, language, sentences, word characters.
//!
//! All of it is a function of the text alone. No locale; the one Unicode version that matters, that
//! of sentence boundaries, is the segmentation crate's.

mod abbreviation;
mod boundary;
mod break_class;
mod canonical;
mod language;
mod sentence;
mod span;
mod word;

pub use canonical::{canonical, canonical_paragraphs};
pub use language::Language;
pub use sentence::{Splitter, sentence_text, sentences};
pub use span::Span;
pub use word::{is_word, words};

pub(crate) use word::WORD_BYTES;
