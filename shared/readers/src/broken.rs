//! Why a file is no document, and where: what an intake shows when it sets a file aside.

use gleaner_shared::limits::{DOCUMENT_BYTES_MAX, PARAGRAPHS_MAX, XML_DEPTH_MAX};

use crate::position::{Lead, Position};

/// A file that could not be read as a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{lead}{fault}", lead = Lead(self.position))]
pub struct BrokenDocument {
    /// What is wrong.
    pub fault: Fault,
    /// Where it is wrong, if it is at one place.
    pub position: Option<Position>,
}

/// What can be wrong with a document's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is larger than any document may be.
    #[error(
        "{bytes} bytes are more than a document may have ({DOCUMENT_BYTES_MAX}): split the file"
    )]
    TooLarge {
        /// The size of the file, in bytes.
        bytes: usize,
    },
    /// The source of the bytes gave out, or its packing is broken.
    #[error("cannot be read on: {0}")]
    Unreadable(String),
    /// A row is longer than a document may be.
    #[error("a row of more than {bytes_max} bytes, more than a document may have")]
    RowTooLong {
        /// Bytes that it may have.
        bytes_max: usize,
    },
    /// A row has none of the texts.
    #[error("no text in it: none of the fields {0}")]
    NoText(String),
    /// A row has no id where one is asked for.
    #[error("no id in it: field `{0}` is absent or empty")]
    NoId(String),
    /// A row's id is no document's id.
    #[error("its id is none: {0}")]
    Id(&'static str),
    /// A line is no JSON object.
    #[error("not a line of JSON: {0}")]
    Line(String),
    /// A field of a row is of another type.
    #[error("field `{0}` is neither text nor a list of texts")]
    Field(String),
    /// A table's header has not all columns that are asked for.
    #[error("no column `{0}` in its header")]
    NoColumn(String),
    /// A row's quotes never end.
    #[error("a quote is not closed: all that follows was taken for one field")]
    OpenQuote,
    /// A row has more or fewer fields than the header.
    #[error("{fields} fields where the header has {columns}: mind quotes and separators")]
    Fields {
        /// Fields of the row.
        fields: usize,
        /// Fields of the header.
        columns: usize,
    },
    /// More paragraphs than a document may have.
    #[error("more than {PARAGRAPHS_MAX} paragraphs: split the file")]
    TooManyParagraphs,
    /// JSON and XML must be UTF-8.
    #[error("not UTF-8: convert the file")]
    NotUtf8,
    /// Not JSON, cut, or a field has another type than CORD-19 gives it.
    #[error("not a CORD-19 parse: {0}")]
    Json(String),
    /// JSON, but with nothing in it that we take text from.
    #[error("not a CORD-19 parse: no `metadata.title`, `abstract` or `body_text`")]
    NoCord19,
    /// Not well-formed XML.
    #[error("not well-formed XML: {0}")]
    Xml(String),
    /// The file ends inside an element.
    #[error("the file ends inside `{0}`: it was cut")]
    Cut(String),
    /// A reference to an entity that only a DTD could define.
    #[error("entity `&{0};` is unknown: only XML's own five and numbers are read, DTDs are not")]
    Entity(String),
    /// Elements inside each other without end.
    #[error("more than {XML_DEPTH_MAX} elements inside each other")]
    TooDeep,
    /// XML, but no article.
    #[error("not a JATS article: the root is `{root}`, and no child of it is `article`")]
    NoArticle {
        /// The local name of the root element.
        root: String,
    },
}

impl Fault {
    /// This fault, not at one place.
    pub(crate) fn anywhere(self) -> BrokenDocument {
        BrokenDocument { fault: self, position: None }
    }

    /// This fault, in a line as a whole.
    pub(crate) fn on(self, line: u64) -> BrokenDocument {
        BrokenDocument { fault: self, position: Some(Position::line(line)) }
    }

    /// This fault, at the byte `offset` of `bytes`.
    pub(crate) fn at(self, bytes: &[u8], offset: usize) -> BrokenDocument {
        BrokenDocument { fault: self, position: Some(Position::of(bytes, offset)) }
    }
}
