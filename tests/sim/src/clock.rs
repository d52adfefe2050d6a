//! The server's clocks: one that only counts while a server is up and awake, and one that jumps.

use gleaner_shared::measure::{Millis, Time};

/// What a server's clocks are off by.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How long no server was up, or the machine was suspended.
    stood: Millis,
    /// How far the wall clock is ahead.
    ahead: Millis,
}

impl Clock {
    /// What the engine is told. Never what the wall says (decision 9).
    pub(crate) fn lease_time(&self, now: Time) -> Time {
        self.uptime(now)
    }

    /// How long servers of this store have been up, for those who check.
    pub(crate) fn uptime(&self, now: Time) -> Time {
        Time(now.0.saturating_sub(self.stood.0))
    }

    /// What people are shown.
    pub(crate) fn wall(&self, now: Time) -> Time {
        now + self.ahead
    }

    /// From now on, for so long, no server is up or awake.
    pub(crate) fn stands(&mut self, lasts: Millis) {
        self.stood.0 += lasts.0;
    }

    /// Somebody sets the wall clock.
    pub(crate) fn jumps_to(&mut self, ahead: Millis) {
        self.ahead = ahead;
    }
}
