//! What has to hold of the data folder of any stopped server, whatever happened before: read from
//! SQLite and from the objects directly, past the store's own code.
//!
//! docs/faults.md lists what is checked. Changes nothing in the folder.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail, ensure};

mod books;
mod corpora;
mod objects;
mod queue;
mod tables;

use books::Books;
use objects::Objects;

/// Violations that are told; after so many, more say nothing new.
const TOLD_MAX: usize = 30;

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Documents of all corpora.
    pub documents: u64,
    /// Jobs.
    pub jobs: u64,
    /// Units that are merged.
    pub merged: u64,
    /// Units that failed.
    pub failed: u64,
    /// Rows of result tables that were computed again and compared.
    pub rows: u64,
    /// Objects whose bytes were hashed.
    pub objects: u64,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documents, jobs, merged, failed, rows, objects } = self;
        write!(
            f,
            "0 violations: {documents} documents, {jobs} jobs, {merged} merged and {failed} failed \
             units, {rows} rows computed again, {objects} objects hashed"
        )
    }
}

/// What is wrong.
#[derive(Debug, Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }
}

/// Checks the folder of a server that does not run.
///
/// # Errors
/// Something does not hold; all of it is told. Or the folder cannot be read.
pub fn check(data: &Path) -> Result<Checked> {
    ensure!(!data.join("admin.sock").exists() || !is_served(data), "a server runs on this folder");
    let mut books = Books::open(&data.join("gleaner.db"))?;
    let objects = Objects::new(&data.join("objects"));
    let (mut wrong, mut checked) = (Wrong::default(), Checked::default());
    books.check(&mut wrong)?;
    corpora::check(&mut books, &objects, &mut wrong, &mut checked)?;
    queue::check(&mut books, &mut wrong, &mut checked)?;
    tables::check(&mut books, &objects, &mut wrong, &mut checked)?;
    objects.check(&mut books, &mut wrong, &mut checked)?;
    if wrong.0.is_empty() {
        return Ok(checked);
    }
    let told = wrong.0.iter().take(TOLD_MAX).map(|line| format!("\n  {line}"));
    bail!("{} violations:{}", wrong.0.len(), told.collect::<String>())
}

fn is_served(data: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(data.join("admin.sock")).is_ok()
}
