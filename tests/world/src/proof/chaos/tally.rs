//! Faults by kind, and whether they hit open work.

use std::collections::BTreeMap;
use std::fmt;

/// What was done so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    kinds: BTreeMap<String, u64>,
    /// Those that hit open units.
    open: u64,
    /// Those that did not, and do not count.
    idle: u64,
}

impl Tally {
    /// One more; `open` tells whether units were at hosts.
    pub(super) fn add(&mut self, kind: &str, open: bool) {
        if open {
            *self.kinds.entry(kind.to_owned()).or_default() += 1;
            self.open += 1;
        } else {
            self.idle += 1;
        }
    }

    /// Faults that count.
    pub(super) fn counted(&self) -> u64 {
        self.open
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} faults that hit open units", self.open)?;
        for (at, (kind, count)) in self.kinds.iter().enumerate() {
            write!(f, "{} {count} {kind}", if at == 0 { ":" } else { "," })?;
        }
        write!(f, " ({} others not counted)", self.idle)
    }
}
