//! When to try again: soon at first, then less often, never in step with other clients. Pure.

use std::time::Duration;

use gleaner_shared::limits::BACKOFF_RANGE;

use super::span;

/// How often it went wrong in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went well.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It went wrong; how long to wait is asked later.
    pub(crate) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether it went wrong since it last went well.
    pub(crate) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// It went wrong: how long to wait from the beginning of this try to the next. The bound doubles
    /// up to the end of the range; `chance` picks the place in its upper half.
    pub(crate) fn next(&mut self, chance: u16) -> Duration {
        let (least, most) = (span(BACKOFF_RANGE.0), span(BACKOFF_RANGE.1));
        let bound = (least * 2u32.saturating_pow(self.failures.min(16) + 1)).min(most);
        self.failed();
        let half = bound / 2;
        (half + half * u32::from(chance) / u32::from(u16::MAX)).max(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(chance: u16) -> Vec<u128> {
        let mut backoff = Backoff::default();
        (0..40).map(|_| backoff.next(chance).as_millis()).collect()
    }

    #[test]
    fn waits_grow_and_stay_in_the_range() {
        assert_eq!(waits(0)[..5], [250, 500, 750, 750, 750]);
        assert_eq!(waits(u16::MAX)[..5], [500, 1_000, 1_500, 1_500, 1_500]);
        for chance in (0..=u16::MAX).step_by(1_111) {
            let range = u128::from(BACKOFF_RANGE.0.0)..=u128::from(BACKOFF_RANGE.1.0);
            assert!(waits(chance).iter().all(|wait| range.contains(wait)), "{chance}");
        }
    }

    #[test]
    fn after_a_success_it_is_soon_again() {
        let mut backoff = Backoff::default();
        for _ in 0..9 {
            backoff.next(0);
        }
        assert!(backoff.has_failed());
        backoff.reset();
        assert!(!backoff.has_failed());
        assert_eq!(backoff.next(0).as_millis(), 250);
    }
}
