//! Talking with the server: tasks that each have one stream, and tell the host what came of it.
//!
//! Nothing is decided here but how to say it.

pub(crate) mod backoff;
pub(crate) mod deliver;
pub(crate) mod dial;
pub(crate) mod fetch;
pub(crate) mod session;

use std::time::Duration;

use gleaner_shared::measure::Millis;

/// A span as the standard library has it.
pub(crate) const fn span(millis: Millis) -> Duration {
    Duration::from_millis(millis.0)
}
