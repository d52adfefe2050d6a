//! Rows: files of which each line or record is a document of its own.
//!
//! A row that cannot be taken is told with its line, and the next one is read. Nothing is held of a
//! row beyond its limit, and of CSV nothing but the columns that are asked for.

mod columns;
mod delimited;
mod draft;
mod jsonl;

use std::io::BufRead;

use gleaner_shared::document::Document;

use crate::broken::BrokenDocument;
use crate::naming::RowForm;
use crate::years::Years;

pub use columns::Columns;

/// A row, by the line on which it begins.
#[derive(Debug)]
pub struct Row {
    /// Counted from 1.
    pub line: u64,
    /// What it is.
    pub read: Result<Document, BrokenDocument>,
}

/// How rows become documents.
#[derive(Clone, Copy, Debug)]
pub struct RowSettings<'s> {
    /// Which columns count.
    pub columns: &'s Columns,
    /// The unpacked file's name, without folders: rows without an id are called `FILE:LINE`.
    pub file_name: &'s str,
    /// Years of CORD-19 parses.
    pub years: &'s Years,
    /// Bytes of one row at most.
    pub bytes_max: usize,
}

/// The rows of a file, one by one. After an error of the source, that is the last one.
pub fn read_rows<'s>(
    form: RowForm,
    source: impl BufRead + 's,
    settings: RowSettings<'s>,
) -> Box<dyn Iterator<Item = Row> + 's> {
    match form {
        RowForm::Jsonl => Box::new(jsonl::Lines::new(source, settings)),
        RowForm::Csv => Box::new(delimited::Records::csv(source, settings)),
        RowForm::Tsv => Box::new(delimited::Records::tsv(source, settings)),
    }
}
