//! The years of publication that a corpus's metadata.csv gives its files.

use std::collections::HashMap;
use std::io::Read;

use gleaner_shared::limits::{METADATA_FILES_MAX, METADATA_ROW_BYTES_MAX};

use crate::position::{Lead, Position};

/// Years by document id; about 100 bytes a file while an intake runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Years {
    years: HashMap<Box<str>, u16>,
}

/// A metadata.csv that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{lead}{fault}", lead = Lead(self.position))]
pub struct BrokenMetadata {
    /// What is wrong.
    pub fault: MetadataFault,
    /// The line on which the broken row begins, if one is.
    pub position: Option<Position>,
}

/// What can be wrong with a metadata.csv.
#[derive(Debug, thiserror::Error)]
pub enum MetadataFault {
    /// The source gave out.
    #[error("cannot be read on: {0}")]
    Io(std::io::Error),
    /// The header lacks a column.
    #[error("metadata.csv has no column `{0}`: it must be CORD-19's, of May 2020 or later")]
    NoColumn(&'static str),
    /// A row has more or fewer fields than the header.
    #[error("{fields} fields where the header has {columns}: mind quotes and commas")]
    Fields {
        /// Fields of the row.
        fields: u64,
        /// Fields of the header.
        columns: u64,
    },
    /// CSV must be UTF-8.
    #[error("not UTF-8: convert the file")]
    NotUtf8,
    /// A row is too long, mostly because a quote was never closed.
    #[error("a row of more than {METADATA_ROW_BYTES_MAX} bytes: is a quote not closed?")]
    TooLong,
    /// The file names too many files.
    #[error("more than {METADATA_FILES_MAX} files are named")]
    TooManyFiles,
}

impl Years {
    /// No year is known.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a metadata.csv of CORD-19 (RFC 4180, UTF-8).
    pub fn read(_source: impl Read) -> Result<Self, BrokenMetadata> {
        Ok(Self::empty())
    }

    /// The year that metadata.csv gives the document, if it does.
    pub fn get(&self, doc_id: &str) -> Option<u16> {
        self.years.get(doc_id).copied()
    }
}
