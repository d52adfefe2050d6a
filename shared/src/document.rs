//! A document: what a reader makes of one file, and what an app is given.

use alloc::string::String;
use alloc::vec::Vec;

/// The form of the file that a document came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Kind {
    /// A CORD-19 JSON parse.
    Cord19,
    /// A JATS XML article.
    Jats,
    /// Plain text.
    Text,
}

impl Kind {
    /// The word for it in tables, messages and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cord19 => "cord19",
            Self::Jats => "jats",
            Self::Text => "text",
        }
    }
}

/// One text of a corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct Document {
    /// Unique in its corpus; 1 to [`crate::limits::DOC_ID_BYTES_MAX`] bytes without control characters.
    pub id: String,
    /// The form of its file.
    pub kind: Kind,
    /// The year of publication, 0 if unknown.
    pub year: u16,
    /// The paragraphs as read; canonical text is the app's business.
    pub paragraphs: Vec<String>,
}
