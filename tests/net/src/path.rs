//! The path between the server and one host, as chances. Pure.

use std::time::Duration;

use gleaner_link::sim::Chance;

/// Bytes that wait before the narrowest part of a path; more are lost, as in any router.
const QUEUE_BYTES: u64 = 48 * 1024;

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the server.
    Up,
    /// To the host.
    Down,
}

/// A path. Chances are in thousandths.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// One way, and what chance may add to it, which reorders.
    pub(crate) delay_ms: (u64, u64),
    pub(crate) lost: u64,
    pub(crate) twice: u64,
    pub(crate) corrupt: u64,
    /// Bytes a millisecond, each way.
    pub(crate) width: u64,
    /// Longer datagrams are lost.
    pub(crate) mtu: usize,
    /// Nothing passes: up, down.
    pub(crate) cut: [bool; 2],
    /// Until when the narrowest part is busy, each way.
    pub(crate) busy: [Duration; 2],
}

/// What becomes of a datagram.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    /// After how long it arrives, each time that it does.
    pub(crate) arrivals: Vec<Duration>,
    /// With a wrong bit.
    pub(crate) corrupts: bool,
}

impl Path {
    /// A short, wide path on which nothing goes wrong.
    pub(crate) fn calm(width: u64, mtu: usize) -> Self {
        let (cut, busy) = ([false; 2], [Duration::ZERO; 2]);
        Self { delay_ms: (15, 5), lost: 0, twice: 0, corrupt: 0, width, mtu, cut, busy }
    }

    /// Faults stop; its width stays.
    pub(crate) fn heal(&mut self) {
        *self = Self { busy: self.busy, ..Self::calm(self.width, self.mtu) };
    }

    /// How long a datagram waits at most before the narrowest part.
    pub(crate) fn queue_time(&self) -> Duration {
        Duration::from_millis(QUEUE_BYTES / self.width.max(1))
    }

    /// What becomes of a datagram that is sent now.
    pub(crate) fn fate(
        &mut self,
        chance: &mut Chance,
        way: Way,
        now: Duration,
        len: usize,
    ) -> Fate {
        let at = way as usize;
        let waits = self.busy[at].saturating_sub(now);
        let queued =
            u64::try_from(waits.as_millis()).unwrap_or(u64::MAX).saturating_mul(self.width);
        let is_lost = self.cut[at] || len > self.mtu || queued > QUEUE_BYTES;
        if is_lost || chance.permille(self.lost) {
            return Fate::default();
        }
        let takes = Duration::from_micros(len as u64 * 1_000 / self.width.max(1));
        self.busy[at] = now.max(self.busy[at]) + takes;
        let through = self.busy[at] - now;
        let times = 1 + u64::from(chance.permille(self.twice));
        let (least, more) = self.delay_ms;
        let arrivals =
            (0..times).map(|_| through + Duration::from_millis(least + chance.between(0, more)));
        Fate { arrivals: arrivals.collect(), corrupts: chance.permille(self.corrupt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(path: &mut Path, len: usize) -> usize {
        path.fate(&mut Chance::new(1), Way::Down, Duration::ZERO, len).arrivals.len()
    }

    #[test]
    fn a_cut_stops_one_way_and_a_long_datagram_never_passes() {
        let mut path = Path::calm(1_000, 1_280);
        assert_eq!((arrivals(&mut path, 1_280), arrivals(&mut path, 1_281)), (1, 0));
        path.cut = [true, false];
        assert_eq!(arrivals(&mut path, 100), 1);
        path.cut = [false, true];
        assert_eq!(arrivals(&mut path, 100), 0);
        path.heal();
        assert_eq!(arrivals(&mut path, 100), 1);
    }

    #[test]
    fn a_narrow_path_delays_and_then_loses() {
        let mut path = Path::calm(10, 1_500);
        let mut chance = Chance::new(1);
        let mut last = Duration::ZERO;
        let mut passed = 0;
        while let Some(after) =
            path.fate(&mut chance, Way::Up, Duration::ZERO, 1_000).arrivals.first()
        {
            last = *after;
            passed += 1;
        }
        assert!((45..60).contains(&passed), "{passed}");
        assert!(last > Duration::from_millis(4_500), "{last:?}");
    }
}
