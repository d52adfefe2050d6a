//! The lines in which open units of a job wait for hosts, in the order in which they came to wait.
//!
//! A host that may not take a unit (it has a voice there) passes it once and never looks at it
//! again: per host and line the place up to which it has looked is kept. A unit that a host could
//! take again gets a new place at the end.

use alloc::collections::BTreeMap;

use gleaner_shared::id::HostId;

use crate::unit::Place;

/// Which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    /// Units that own hosts should take before fresh slices.
    OwnFirst,
    /// Units that only strangers hold: own hosts take them when no fresh slice is left.
    OwnLast,
    /// Units that want another stranger.
    Strangers,
}

/// All lines.
pub(crate) const LINES: [Line; 3] = [Line::OwnFirst, Line::OwnLast, Line::Strangers];

/// A unit's places in the lines.
pub(crate) type Spots = [Option<u64>; 3];

/// The lines of one job.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    last: u64,
    queues: [BTreeMap<u64, Place>; 3],
    looked: BTreeMap<(HostId, Line), u64>,
}

impl Lines {
    /// Puts a unit at the end and gives its place.
    pub(crate) fn join(&mut self, line: Line, unit: Place) -> u64 {
        self.last += 1;
        self.queues[line as usize].insert(self.last, unit);
        self.last
    }

    pub(crate) fn leave(&mut self, line: Line, spot: u64) {
        self.queues[line as usize].remove(&spot);
    }

    pub(crate) fn is_empty(&self, line: Line) -> bool {
        self.queues[line as usize].is_empty()
    }

    pub(crate) fn len(&self, line: Line) -> usize {
        self.queues[line as usize].len()
    }

    /// The next unit that the host has not looked at, with its place.
    pub(crate) fn next(&self, line: Line, host: HostId) -> Option<(u64, Place)> {
        let from = self.looked.get(&(host, line)).map_or(0, |spot| spot + 1);
        self.queues[line as usize].range(from..).next().map(|(spot, unit)| (*spot, *unit))
    }

    /// The host has taken or passed the unit at this place.
    pub(crate) fn look(&mut self, line: Line, host: HostId, spot: u64) {
        self.looked.insert((host, line), spot);
    }

    /// The host has gone, or another account or standing may have come: it looks from the start.
    pub(crate) fn forget(&mut self, host: HostId) {
        for line in LINES {
            self.looked.remove(&(host, line));
        }
    }
}
