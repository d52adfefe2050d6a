//! When the host does what it does by the clock.

use gleaner_shared::limits::RENEW_EVERY;
use gleaner_shared::measure::Millis;
use tokio::time::Instant;

use super::Host;
use super::stop::Mode;
use crate::talk::span;

/// Points in time; `None`: not planned, or at once.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// The next renewal of leases.
    pub(super) renew: Option<Instant>,
    /// Before it a few results wait for others to travel with.
    pub(super) gather: Option<Instant>,
    /// Before it nothing is delivered: the server could not take it.
    pub(super) deliver: Option<Instant>,
    /// Before it nothing is fetched.
    pub(super) fetch: Option<Instant>,
    /// Before it nothing is asked for.
    pub(super) want: Option<Instant>,
    /// Before it nothing is started.
    pub(super) start: Option<Instant>,
    /// The disk is tried again.
    pub(super) disk: Option<Instant>,
    /// Since when there was nothing to do.
    pub(super) idle_since: Option<Instant>,
    /// The number of done units is written down.
    pub(super) done: Option<Instant>,
    /// What units share is forgotten, if there is none until then.
    pub(super) rest: Option<Instant>,
    /// When all of these were last looked at.
    pub(super) seen: Option<Instant>,
}

/// Whether a time has come; it is then forgotten. What is not planned has come.
pub(super) fn due(time: &mut Option<Instant>, now: Instant) -> bool {
    match *time {
        Some(at) if at > now => false,
        _ => {
            *time = None;
            true
        }
    }
}

impl Host {
    /// When the host should wake, if nothing happens before.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let times = &self.times;
        let idle = times.idle_since.zip(self.options.exit_when_idle);
        let idle = idle.and_then(|(since, patience)| since.checked_add(patience));
        let stop = match self.mode {
            Mode::Working => None,
            Mode::Stopping(stopping) => Some(stopping.next(times.seen)),
        };
        let planned = [
            times.renew,
            times.gather,
            times.deliver,
            times.fetch,
            times.want,
            times.start,
            times.disk,
            times.done,
            times.rest,
            idle,
            stop,
        ];
        // What was due when all was last looked at waits for something else than time.
        planned.into_iter().flatten().filter(|at| times.seen.is_none_or(|seen| *at > seen)).min()
    }

    /// How often leases are renewed: three times in the shortest of them, so that one may be lost.
    pub(super) fn renew_every(&self) -> std::time::Duration {
        let shortest = self.hold.jobs().map(|job| job.deadline).min();
        span(shortest.map_or(RENEW_EVERY, |deadline| RENEW_EVERY.min(Millis(deadline.0 / 3))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_comes_once_and_what_is_not_planned_is_due() {
        let now = Instant::now();
        let mut time = Some(now + Duration::from_secs(1));
        assert!(!due(&mut time, now));
        assert!(due(&mut time, now + Duration::from_secs(1)));
        assert_eq!(time, None);
        assert!(due(&mut time, now));
    }
}
