//! Results: tables and the files of an export.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::table::ColumnType;

/// A table of a job, as it is in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its name for the app.
    pub table: String,
    /// Its name in SQL.
    pub sql_name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows now.
    pub rows: u64,
    /// What it and its indexes take on the server's disk now.
    pub disk_bytes: u64,
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Its name without the extension.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Their types.
    pub types: Vec<ColumnType>,
    /// Its rows.
    pub rows: u64,
}
