//! Readers: bytes of corpus files and archives in, documents out; bytes of ontologies in, concepts
//! out.
//! Everything here is pure: no files, no network, no clock, and no byte of input can make it panic,
//! recurse or allocate beyond a named limit. What cannot be read is a reason with a position.
//! Canonical text is not made here: paragraphs are as read.

mod archive;
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
mod naming;
mod ontology;
mod position;
mod reference;
mod rows;
mod stream;
mod text;
mod unpack;
mod years;

pub use archive::{
    ArchiveFault, BrokenArchive, Each, Member, MemberKind, MemberRefused, tar_members, zip_members,
};
pub use broken::{BrokenDocument, Fault};
pub use document::read_document;
pub use format::{Format, FormatUnknown, kind_of};
pub use name::{NameRefused, doc_id};
pub use naming::{ArchiveForm, Form, Naming, Packing, RowForm};
pub use ontology::{
    BrokenOntology, Concept, OntologyFault, OntologyFormat, ontology_format, read_ontology,
};
pub use position::Position;
pub use rows::{Columns, Row, RowSettings, read_rows};
pub use stream::StreamFault;
pub use unpack::{Counting, Fed, unpack};
pub use years::{BrokenMetadata, MetadataFault, Years};
