//! How much work to ask for: enough that no core waits for the network, not so much that others
//! wait for what lies here. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use gleaner_shared::id::Digest;
use gleaner_shared::limits::{
    AHEAD_BYTES_MAX, AHEAD_UNITS_MAX, AHEAD_WORK, GRANT_UNITS_MAX, HOST_LEASES_MAX, PACED_JOBS_MAX,
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
    /// How long a unit of the job that is asked for takes a thread here, if any was done yet.
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

/// Units that last for [`AHEAD_WORK`], but never none: while a slow machine computes its last units,
/// the next is fetched, and that one is all that it keeps from others. As long as nothing is known,
/// one for each thread.
fn ahead_target(stock: &Stock) -> usize {
    let Some(time) = stock.unit_time else { return stock.threads };
    let work = u128::from(AHEAD_WORK.0) * 1_000 * stock.threads as u128;
    let units = usize::try_from(work.div_ceil(time.as_micros().max(1))).unwrap_or(usize::MAX);
    units.clamp(1, AHEAD_UNITS_MAX)
}

/// How long a unit takes, as a mean that forgets, for each of the jobs that were last worked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paces(VecDeque<(Digest, Duration)>);

impl Paces {
    /// One more unit of a job is done.
    pub(crate) fn add(&mut self, job: Digest, took: Duration) {
        let mean = self.of(job).map_or(took, |mean| (mean * 7 + took) / 8);
        self.0.retain(|(other, _)| *other != job);
        self.0.push_back((job, mean));
        if self.0.len() > PACED_JOBS_MAX {
            self.0.pop_front();
        }
    }

    /// The mean of a job, if it is known.
    pub(crate) fn of(&self, job: Digest) -> Option<Duration> {
        self.0.iter().find(|(other, _)| *other == job).map(|(_, mean)| *mean)
    }

    /// The mean of the job that was last worked at.
    pub(crate) fn latest(&self) -> Option<Duration> {
        self.0.back().map(|(_, mean)| *mean)
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
        check(0, 0, 8);
        check(4, 0, 4);
        check(4, 2, 2);
        check(4, 4, 0);
        check(4, 500, 0);
    }

    #[test]
    fn a_few_missing_ones_are_not_worth_a_message_unless_cores_starve() {
        check(4, 3, 0);
        check(3, 3, 2);
        let one = Stock { threads: 1, in_hand: 1, leases: 1, ..STOCK };
        assert_eq!(wanted(&one), 1);
    }

    #[test]
    fn what_is_kept_ahead_follows_the_speed_of_the_host() {
        let ahead = |micros| {
            let unit_time = Some(Duration::from_micros(micros));
            wanted(&Stock { in_hand: 4, leases: 4, unit_time, ..STOCK })
        };
        assert_eq!(ahead(u64::MAX), 1, "a slow host has one ahead, whatever its threads");
        assert_eq!(ahead(60_000_000), 1);
        assert_eq!(ahead(4_000_000), 1, "a second of work");
        assert_eq!(ahead(1_000_000), 4);
        assert_eq!(ahead(100_000), 40);
        assert_eq!(ahead(1), 64, "never more than a grant");
        assert_eq!(ahead(0), 64);
    }

    #[test]
    fn a_slow_host_asks_for_the_next_when_it_has_begun_the_last() {
        let slow = Stock { unit_time: Some(Duration::from_secs(60)), ..STOCK };
        let wants =
            |in_hand, ahead| wanted(&Stock { in_hand, ahead, leases: in_hand + ahead, ..slow });
        assert_eq!((wants(4, 1), wants(4, 0), wants(3, 0)), (0, 1, 2));
    }

    #[test]
    fn leases_and_bytes_are_bounded() {
        let full = Stock { leases: HOST_LEASES_MAX, ..STOCK };
        assert_eq!(wanted(&full), 0);
        assert_eq!(wanted(&Stock { leases: HOST_LEASES_MAX - 3, ..STOCK }), 3);
        assert_eq!(wanted(&Stock { bytes: AHEAD_BYTES_MAX, ..STOCK }), 0);
    }

    #[test]
    fn each_job_has_its_pace_which_follows_what_units_take() {
        let (job, other) = (Digest([1; 32]), Digest([2; 32]));
        let mut paces = Paces::default();
        assert_eq!((paces.of(job), paces.latest()), (None, None));
        paces.add(job, Duration::from_secs(8));
        paces.add(other, Duration::from_millis(5));
        assert_eq!(paces.of(job), Some(Duration::from_secs(8)));
        assert_eq!(paces.latest(), Some(Duration::from_millis(5)));
        for _ in 0..100 {
            paces.add(job, Duration::from_secs(1));
        }
        assert!(paces.of(job).unwrap() < Duration::from_secs(2));
        assert_eq!(paces.latest(), paces.of(job));
        assert_eq!(paces.of(other), Some(Duration::from_millis(5)));
    }

    #[test]
    fn only_the_last_jobs_are_remembered() {
        let mut paces = Paces::default();
        for job in 0..=u8::try_from(PACED_JOBS_MAX).unwrap() {
            paces.add(Digest([job; 32]), Duration::from_secs(1));
        }
        assert_eq!((paces.of(Digest([0; 32])), paces.0.len()), (None, PACED_JOBS_MAX));
    }
}
