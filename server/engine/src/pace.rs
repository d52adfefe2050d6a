//! How fast units come back: a moving mean of how long one round of a host's threads takes.
//!
//! A host computes its leases in the order in which it got them, as many at once as it has threads:
//! a lease that comes behind others is back after so many rounds. So the age of a lease when its
//! result comes, divided by its rounds, measures the host whatever it was given.

use gleaner_shared::limits::{PACE_JUMP_MAX, PACE_WEIGHT};
use gleaner_shared::measure::{Millis, Time};

use crate::unit::Held;

/// Parts of a millisecond: the mean of many short rounds must not become none.
const PARTS: u64 = 256;

/// The time of one round, once something has come back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace(Option<u64>);

impl Pace {
    /// A result has come for a lease.
    pub(crate) fn learn(&mut self, now: Time, held: &Held) {
        let age = (now - held.since).0.saturating_mul(PARTS);
        let round = (age / u64::from(held.rounds.max(1))).max(1);
        self.0 = Some(match self.0 {
            None => round,
            Some(mean) => {
                let round = round.min(mean.saturating_mul(PACE_JUMP_MAX));
                (mean - mean / PACE_WEIGHT + round / PACE_WEIGHT).max(1)
            }
        });
    }

    pub(crate) fn is_known(self) -> bool {
        self.0.is_some()
    }

    /// How long so many rounds take.
    pub(crate) fn time_of(self, rounds: u64) -> Option<Millis> {
        self.0.map(|round| Millis(round.saturating_mul(rounds) / PARTS))
    }

    /// How many rounds fit into a span.
    pub(crate) fn rounds_in(self, span: Millis) -> Option<usize> {
        let rounds = |round| usize::try_from(span.0.saturating_mul(PARTS) / round);
        self.0.map(|round| rounds(round).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use gleaner_shared::id::{AccountId, GrantId, HostId, LeaseId};
    use gleaner_shared::policy::Standing;

    use super::*;
    use crate::event::Host;

    /// Leases given at 0 with so many rounds to go, returned at a time.
    fn learned(returned: &[(u16, u64)]) -> Pace {
        let host =
            Host { id: HostId([0; 32]), account: AccountId(1), standing: Standing::Stranger };
        let lease = LeaseId { grant: GrantId(1), index: 0 };
        let mut pace = Pace::default();
        for &(rounds, at) in returned {
            pace.learn(Time(at), &Held { lease, host, slot: 0, since: Time(0), rounds });
        }
        pace
    }

    #[test]
    fn a_queue_measures_the_same_as_one_unit() {
        assert_eq!(learned(&[(1, 500)]).time_of(3), Some(Millis(1_500)));
        assert_eq!(learned(&[(1, 500), (2, 1_000), (3, 1_500)]).time_of(3), Some(Millis(1_500)));
        assert_eq!(learned(&[(4, 2_000)]).rounds_in(Millis(10_000)), Some(20));
        assert_eq!(learned(&[]).time_of(1), None);
    }

    #[test]
    fn one_straggler_makes_nobody_slow() {
        let usual = [(1, 1_000); 20];
        let mut returned = usual.to_vec();
        returned.push((1, 1_000_000));
        assert!(learned(&returned).time_of(1) < Some(Millis(1_500)));
        returned.extend([(1, 1_000_000); 40]);
        assert!(learned(&returned).time_of(1) > Some(Millis(500_000)), "all are slow now");
    }

    #[test]
    fn no_time_at_all_is_no_division_by_it() {
        assert!(learned(&[(1, 0), (0, 0)]).rounds_in(Millis(1_000)) > Some(1_000));
        assert!(learned(&[(1, u64::MAX), (1, u64::MAX)]).rounds_in(Millis(1)) == Some(0));
    }
}
