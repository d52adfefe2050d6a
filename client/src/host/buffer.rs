//! How much work to ask for: enough that no core waits for the network, not so much that others
//! wait for what lies here. Pure.

use std::time::Duration;

use gleaner_shared::limits::{
    AHEAD_BYTES_MAX, AHEAD_UNITS_MAX, AHEAD_UNITS_PER_THREAD, AHEAD_WORK, GRANT_UNITS_MAX,
    HOST_LEASES_MAX,
};

/// What is here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stock {
    /// Threads that compute.
    pub(crate) threads: usize,
    /// Units in hand, at most one for each thread.
    pub(crate) in_hand: usize,
    /// Units that wait for a thread, fetched or not.
    pub(crate) ahead: usize,
    /// All leases: those units, and results that the server does not have yet.
    pub(crate) leases: usize,
    /// Payload bytes of all held units.
    pub(crate) bytes: u64,
    /// How long a unit takes, if any was done yet.
    pub(crate) unit_time: Option<Duration>,
}

/// How many units to ask for; 0: nothing now.
pub(crate) fn wanted(stock: &Stock) -> u16 {
    let target = stock.threads + ahead_target(stock);
    let here = stock.in_hand.min(stock.threads) + stock.ahead;
    let room = HOST_LEASES_MAX.saturating_sub(stock.leases);
    let missing = target.saturating_sub(here).min(room).min(GRANT_UNITS_MAX);
    // A grant is a message and a row: asking for a few at a time is cheaper than one by one.
    let worth_asking = missing >= target.div_ceil(4).min(GRANT_UNITS_MAX) || stock.ahead == 0;
    if !worth_asking || stock.bytes >= AHEAD_BYTES_MAX {
        return 0;
    }
    u16::try_from(missing).unwrap_or(u16::MAX)
}

fn ahead_target(stock: &Stock) -> usize {
    let few = AHEAD_UNITS_PER_THREAD * stock.threads;
    let many = stock.unit_time.map_or(0, |time| {
        let work = u128::from(AHEAD_WORK.0) * 1_000 * stock.threads as u128;
        usize::try_from(work / time.as_micros().max(1)).unwrap_or(usize::MAX)
    });
    few.max(many).min(AHEAD_UNITS_MAX)
}

/// How long a unit takes, as a mean that forgets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace(Option<Duration>);

impl Pace {
    /// One more unit is done.
    pub(crate) fn add(&mut self, took: Duration) {
        self.0 = Some(self.0.map_or(took, |mean| (mean * 7 + took) / 8));
    }

    /// The mean.
    pub(crate) fn unit_time(self) -> Option<Duration> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOCK: Stock =
        Stock { threads: 4, in_hand: 0, ahead: 0, leases: 0, bytes: 0, unit_time: None };

    fn check(in_hand: usize, ahead: usize, expected: u16) {
        let stock = Stock { in_hand, ahead, leases: in_hand + ahead, ..STOCK };
        assert_eq!(wanted(&stock), expected, "{in_hand} in hand, {ahead} ahead");
    }

    #[test]
    fn the_missing_units_are_asked_for() {
        check(0, 0, 12);
        check(4, 0, 8);
        check(4, 4, 4);
        check(4, 8, 0);
        check(4, 500, 0);
    }

    #[test]
    fn a_few_missing_ones_are_not_worth_a_message_unless_cores_starve() {
        check(4, 6, 0);
        check(4, 5, 3);
        let one = Stock { threads: 1, in_hand: 1, ahead: 1, leases: 2, ..STOCK };
        assert_eq!(wanted(&one), 1);
    }

    #[test]
    fn short_units_are_kept_ahead_by_time() {
        let ahead = |micros| {
            let unit_time = Some(Duration::from_micros(micros));
            wanted(&Stock { in_hand: 4, leases: 4, unit_time, ..STOCK })
        };
        assert_eq!(ahead(10_000_000), 8, "long units: two for each thread");
        assert_eq!(ahead(100_000), 40, "a second of work");
        assert_eq!(ahead(1), 64, "never more than a grant");
        assert_eq!(ahead(0), 64);
    }

    #[test]
    fn leases_and_bytes_are_bounded() {
        let full = Stock { leases: HOST_LEASES_MAX, ..STOCK };
        assert_eq!(wanted(&full), 0);
        assert_eq!(wanted(&Stock { leases: HOST_LEASES_MAX - 3, ..STOCK }), 3);
        assert_eq!(wanted(&Stock { bytes: AHEAD_BYTES_MAX, ..STOCK }), 0);
    }

    #[test]
    fn the_pace_follows_what_units_take() {
        let mut pace = Pace::default();
        assert_eq!(pace.unit_time(), None);
        pace.add(Duration::from_secs(8));
        assert_eq!(pace.unit_time(), Some(Duration::from_secs(8)));
        for _ in 0..100 {
            pace.add(Duration::from_secs(1));
        }
        assert!(pace.unit_time().unwrap() < Duration::from_secs(2));
    }
}
