//! Plans: what a job would take, foretold from a sample.
//!
//! The admin's program computes the sample as a host would, so that no app runs on the server; the
//! server merges it for a trial, as it would merge a host's results.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::corpus::CorpusRow;

/// What a plan begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The corpus.
    pub corpus: CorpusRow,
    /// How the last job of this app went, if one was done.
    pub pace: Option<Pace>,
}

/// How fast a job was, hosts that were away included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The job.
    pub job: String,
    /// Bytes of the documents that it had.
    pub raw_bytes: u64,
    /// From its submission to its end.
    pub elapsed_seconds: u64,
}

/// A result for a trial; its packed bytes follow raw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialUnit {
    /// Bytes when unpacked, at most [`crate::limits::RESULT_BYTES_MAX`].
    pub raw_len: u64,
    /// Packed bytes.
    pub len: u32,
}

/// A table after a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialTable {
    /// Its name for the app.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// What it and its indexes take on disk.
    pub disk_bytes: u64,
}
