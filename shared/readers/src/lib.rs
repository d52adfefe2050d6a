//! Readers: bytes of corpus files in, documents out; bytes of ontologies in, concepts out.
//!
//! Everything here is pure: no files, no network, no clock, and no byte of input can make it panic,
//! recurse or allocate beyond a named limit. What cannot be read is a reason with a position.
//! Canonical text is not made here: paragraphs are as read.

mod blank;
mod bom;
mod broken;
mod cord19;
mod document;
mod format;
mod jats;
mod json;
mod meter;
mod name;
mod ontology;
mod position;
mod reference;
mod text;
mod years;

pub use broken::{BrokenDocument, Fault};
pub use document::read_document;
pub use format::{Format, FormatUnknown, kind_of};
pub use name::{NameRefused, doc_id};
pub use ontology::{
    BrokenOntology, Concept, OntologyFault, OntologyFormat, ontology_format, read_ontology,
};
pub use position::Position;
pub use years::{BrokenMetadata, MetadataFault, Years};
