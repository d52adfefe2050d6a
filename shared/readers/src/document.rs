//! From the bytes of one file to one document: the kinds part here.

use gleaner_shared::document::{Document, Kind};
use gleaner_shared::limits::DOCUMENT_BYTES_MAX;

use crate::broken::{BrokenDocument, Fault};
use crate::years::Years;
use crate::{bom, cord19, jats, text};

/// What a kind's reader finds in a file.
pub(crate) struct Content {
    /// As read, in the order of the specification.
    pub(crate) paragraphs: Vec<String>,
    /// The year that the file itself gives, 0 if none.
    pub(crate) year: u16,
}

/// Reads one file. `id` is what [`crate::doc_id`] made of its name, `years` what the corpus's
/// metadata.csv says; for JSON and XML it wins over the file. Paragraphs are as read and may be
/// blank.
pub fn read_document(
    kind: Kind,
    id: String,
    bytes: &[u8],
    years: &Years,
) -> Result<Document, BrokenDocument> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Fault::TooLarge { bytes: bytes.len() }.anywhere());
    }
    let (content, listed) = match kind {
        Kind::Cord19 => (cord19::read(utf8(bytes)?)?, years.get(&id)),
        Kind::Jats => (jats::read(utf8(bytes)?)?, years.get(&id)),
        Kind::Text => (Content { paragraphs: text::paragraphs(bytes)?, year: 0 }, None),
    };
    let Content { paragraphs, year } = content;
    Ok(Document { id, kind, year: listed.unwrap_or(year), paragraphs })
}

/// The file as text, without a byte order mark.
fn utf8(bytes: &[u8]) -> Result<&str, BrokenDocument> {
    let bytes = bom::without(bytes);
    str::from_utf8(bytes).map_err(|error| Fault::NotUtf8.at(bytes, error.valid_up_to()))
}
