//! How much a thread has computed. Other programs that keep the machine busy do not count, nor does
//! time in which the process was stopped: a document is late by its own doing only.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The clock of a thread.
#[derive(Debug)]
pub(crate) struct Clock(PathBuf);

impl Clock {
    /// Of the thread that calls this. It reads nothing where the system has no such clocks.
    pub(crate) fn of_this_thread() -> Self {
        let own = fs::read_link("/proc/thread-self").unwrap_or_default();
        Self(Path::new("/proc").join(own).join("schedstat"))
    }

    /// What the thread has computed until now.
    pub(crate) fn read(&self) -> Option<Duration> {
        let text = fs::read_to_string(&self.0).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_clock_goes_while_its_thread_computes_and_stands_while_it_waits() {
        let (clock, begun) = (Clock::of_this_thread(), Instant::now());
        let Some(first) = clock.read() else { return };
        while clock.read().unwrap() < first + Duration::from_millis(20) {
            black_box(0);
        }
        assert!(clock.read().unwrap() - first <= begun.elapsed() + Duration::from_millis(20));
        let idle = std::thread::spawn(Clock::of_this_thread).join().unwrap();
        assert!(idle.read().is_none(), "a thread that has ended has no clock");
    }
}
