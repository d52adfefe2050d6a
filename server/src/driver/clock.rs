//! Time for the engine: what the store had, and what this process has been up since.

use std::time::SystemTime;

use gleaner_shared::measure::Time;
use tokio::time::Instant;

/// The logical clock. Never goes back, never jumps: an outage adds nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    stored: Time,
    since: Instant,
}

impl Clock {
    /// Goes on from what the store had.
    pub(crate) fn from(stored: Time) -> Self {
        Self { stored, since: Instant::now() }
    }

    /// Now.
    pub(crate) fn now(&self) -> Time {
        let up = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Time(self.stored.0.saturating_add(up))
    }
}

/// Seconds since 1970 UTC, only to be shown to people and to end invites.
pub(crate) fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
