//! What a rule says when it is broken.

use std::fmt;

/// One place that breaks one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, with its line if there is one (`shared/src/id.rs:12`), or the room.
    pub place: String,
    /// What is wrong and what to do instead.
    pub why: String,
}

impl Violation {
    pub(crate) fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: place.into(), why: why.into() }
    }

    /// In a line, counted from 0.
    pub(crate) fn at(path: &str, line: usize, why: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", line + 1), why)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}
