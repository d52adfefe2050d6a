//! Files of an export: rows to TSV, CSV, JSONL or Parquet, streamed, and given their names when
//! complete; last of all the manifest.
//!
//! One row, or one row group of Parquet, is in memory at a time. A `.part` file or folder is what an
//! interrupted export leaves.

mod folder;
mod form;
mod manifest;
mod parts;
mod writer;

pub(crate) use folder::Folder;
pub(crate) use form::Form;
pub(crate) use manifest::{Entry, MANIFEST, Manifest};
pub(crate) use writer::Writer;
