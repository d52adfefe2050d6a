//! The journal of a program's failpoints: which it has reached, and what was done at them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// What can be done at a failpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// The process dies as by `kill -9`.
    Kill,
    /// The task panics.
    Panic,
    /// The disk fails.
    Eio,
    /// The disk is full.
    Enospc,
    /// Nothing goes on for a while.
    Wait,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fired {
    /// Where.
    pub point: String,
    /// What.
    pub act: Act,
}

/// A program's journal over all of its runs, read as it grows.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    read: usize,
}

impl Journal {
    /// Of that file, which may not be there yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, read: 0 }
    }

    /// What was done since this was asked last.
    ///
    /// # Errors
    /// If the journal has a line that is none.
    pub(crate) fn news(&mut self) -> Result<Vec<Fired>> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let new = &text[self.read..];
        // A line that is being written is for the next time.
        let whole = new.rfind('\n').map_or(0, |end| end + 1);
        self.read += whole;
        let lines = new[..whole].lines().filter_map(|line| line.strip_prefix("fired "));
        lines.map(|line| fired(line).with_context(|| line.to_owned())).collect()
    }

    /// All points that were reached.
    pub(crate) fn reached(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        text.lines().filter_map(|line| line.strip_prefix("reached ").map(str::to_owned)).collect()
    }
}

/// `POINT Action at hit N`.
fn fired(line: &str) -> Option<Fired> {
    let (point, rest) = line.split_once(' ')?;
    let act = match rest.split(['(', ' ']).next()? {
        "Kill" => Act::Kill,
        "Panic" => Act::Panic,
        "Eio" => Act::Eio,
        "Enospc" => Act::Enospc,
        "Wait" => Act::Wait,
        _ => return None,
    };
    Some(Fired { point: point.to_owned(), act })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_read_as_it_grows() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let mut journal = Journal::new(path.clone());
        assert!(journal.news().expect("no journal is no error").is_empty());
        fs::write(&path, "reached a.b\nfired a.b Wait(30ms) at hit 1\nfired a.c Ki").expect("room");
        let wait = Fired { point: "a.b".into(), act: Act::Wait };
        assert_eq!(journal.news().expect("lines"), [wait]);
        fs::write(&path, "reached a.b\nfired a.b Wait(30ms) at hit 1\nfired a.c Kill at hit 2\n")
            .expect("room");
        assert_eq!(journal.news().expect("lines"), [Fired { point: "a.c".into(), act: Act::Kill }]);
        assert_eq!(journal.reached(), BTreeSet::from(["a.b".to_owned()]));
    }
}
