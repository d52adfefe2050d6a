//! Jobs: submit, status, errors.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::policy::Policy;

/// A job to submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobWish {
    /// Its name: lower-case letters, digits, `-`, `_`.
    pub name: String,
    /// The corpus's name.
    pub corpus: String,
    /// `name` or `name@version`.
    pub app: String,
    /// The app's parameters.
    pub params: Vec<(String, String)>,
    /// The app's data, stored before.
    pub data: Option<Digest>,
    /// Its rules.
    pub policy: Policy,
}

/// What to do with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Lease no more of it.
    Pause,
    /// Go on.
    Resume,
    /// Give it up; what is merged stays readable.
    Cancel,
    /// Do its failed units again.
    Retry,
}

/// Where a job stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Units are leased.
    Running,
    /// Waiting for `job resume`.
    Paused,
    /// The finish step runs.
    Finishing,
    /// All that could be done is done.
    Done,
    /// Given up.
    Cancelled,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStatus {
    /// Its name.
    pub name: String,
    /// Its digest, hexadecimal.
    pub digest: String,
    /// `name@version`.
    pub app: String,
    /// The corpus's name.
    pub corpus: String,
    /// Where it stands.
    pub phase: Phase,
    /// Its rules.
    pub policy: Policy,
    /// Units in all.
    pub units: u64,
    /// Units merged.
    pub merged: u64,
    /// Units given up.
    pub failed: u64,
    /// Units at hosts.
    pub leased: u64,
    /// Units with results that do not decide yet.
    pub checking: u64,
    /// Units waiting.
    pub waiting: u64,
    /// When it was submitted, in seconds since 1970 UTC.
    pub submitted_at_unix_seconds: i64,
    /// When it was done, in seconds since 1970 UTC.
    pub done_at_unix_seconds: Option<i64>,
}

/// A unit that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// The slice's number.
    pub slice: u32,
    /// The first document's position in the slice.
    pub first: u32,
    /// How many documents.
    pub count: u32,
    /// The ids of the first documents, at most 8.
    pub documents: Vec<String>,
    /// What failed, for people.
    pub failure: String,
    /// The message of one host, if there is one.
    pub message: String,
    /// What to do.
    pub next: String,
}
