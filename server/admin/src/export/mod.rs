//! Files of an export: rows to TSV, CSV or JSONL, streamed, and given their names when complete.
//!
//! One row is in memory at a time. A `.part` file is what an interrupted export leaves.

mod folder;
mod form;
mod writer;

pub(crate) use folder::Folder;
pub(crate) use form::Form;
pub(crate) use writer::Writer;
