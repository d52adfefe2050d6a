//! Progress on standard error: a bar on a terminal, a plain line now and then in a pipe, or nothing.
//!
//! The words are the same in both; only this file looks at the clock for them. A bar writes nothing
//! at all into a pipe (indicatif), so a pipe always gets lines.

use core::time::Duration;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::escape::escaped;
use crate::show;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// A bar on a terminal, lines in a pipe
    Auto,
    /// A bar
    Bar,
    /// A line every 30 s (GLEANER_PROGRESS_INTERVAL, in seconds)
    Plain,
    /// Nothing
    None,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Bytes.
    Bytes,
    /// Things of this name.
    Things(&'static str),
}

/// How far something has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Done so far.
    pub(crate) done: u64,
    /// Of how many; 0 if it is not known.
    pub(crate) total: u64,
}

/// Shows how one long thing advances.
#[derive(Debug)]
pub(crate) struct Progress {
    title: String,
    measure: Measure,
    started: Instant,
    /// What was done already when it started, so that the rate is that of this run.
    first: Option<u64>,
    mark: Mark,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Bar(ProgressBar),
    Plain { every: Duration, told: Instant },
    None,
}

impl Progress {
    /// `title` is what goes on: `corpus add notes`.
    pub(crate) fn new(choice: Choice, title: &str, measure: Measure) -> Self {
        let is_terminal = io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let started = Instant::now();
        let shape = match (choice, is_terminal) {
            (Choice::None, _) => Shape::None,
            (Choice::Auto | Choice::Bar, true) => Shape::Bar(bar()),
            (Choice::Plain, _) | (_, false) => Shape::Plain { every: interval(), told: started },
        };
        let title = escaped(title).into_owned();
        Self { title, measure, started, first: None, mark: Mark::default(), shape }
    }

    /// It has come this far.
    pub(crate) fn set(&mut self, mark: Mark) {
        self.first.get_or_insert(mark.done);
        self.mark = mark;
        self.tick();
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self) {
        let elapsed = self.started.elapsed();
        let words = words(self.measure, self.mark, self.first.unwrap_or_default(), elapsed);
        match &mut self.shape {
            Shape::Bar(bar) => {
                bar.set_length(self.mark.total.max(1));
                bar.set_position(self.mark.done.min(self.mark.total));
                bar.set_prefix(self.title.clone());
                bar.set_message(words);
            }
            Shape::Plain { every, told } if told.elapsed() >= *every => {
                *told = Instant::now();
                // If standard error is gone, there is nobody to tell.
                let _ = writeln!(io::stderr().lock(), "{}: {words}", self.title);
            }
            Shape::Plain { .. } | Shape::None => {}
        }
    }

    /// Tells something at once, beside the progress. Must be escaped already.
    pub(crate) fn note(&self, text: &str) {
        match &self.shape {
            Shape::Bar(bar) => bar.println(text),
            Shape::Plain { .. } => {
                let _ = writeln!(io::stderr().lock(), "{text}");
            }
            Shape::None => {}
        }
    }
}

impl Drop for Progress {
    /// The bar goes; what is left is the result.
    fn drop(&mut self) {
        if let Shape::Bar(bar) = &self.shape {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix}  [{bar:20}] {wide_msg}")
        .expect("the template is written here")
        .progress_chars("=> ");
    ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr()).with_style(style)
}

/// How often plain lines come.
fn interval() -> Duration {
    let wished = std::env::var("GLEANER_PROGRESS_INTERVAL").ok();
    let seconds = wished.and_then(|text| text.parse::<f64>().ok());
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(Duration::from_secs(30))
}

/// `41 %, 12.4 MiB of 30.1 MiB, done in about 3 min`.
fn words(measure: Measure, mark: Mark, first: u64, elapsed: Duration) -> String {
    let Mark { done, total } = mark;
    let mut words = match measure {
        Measure::Bytes if total == 0 => show::bytes(done),
        Measure::Things(name) if total == 0 => format!("{} {name}", show::count(done)),
        Measure::Bytes => {
            format!("{} %, {} of {}", percent(mark), show::bytes(done), show::bytes(total))
        }
        Measure::Things(name) => {
            let percent = percent(mark);
            format!("{percent} %, {} of {} {name}", show::count(done), show::count(total))
        }
    };
    if let Some(left) = left(mark, first, elapsed) {
        words.push_str(", done in about ");
        words.push_str(&show::span(left));
    }
    words
}

/// Whole percents, rounded down: 100 only when all is done.
fn percent(mark: Mark) -> u64 {
    let percent = u128::from(mark.done) * 100 / u128::from(mark.total.max(1));
    u64::try_from(percent).unwrap_or(100).min(100)
}

/// How long it still takes at the pace so far; `None` if that is not known yet.
fn left(mark: Mark, first: u64, elapsed: Duration) -> Option<Duration> {
    let advanced = mark.done.saturating_sub(first);
    let rest = mark.total.checked_sub(mark.done).filter(|rest| *rest > 0)?;
    if advanced == 0 || elapsed < Duration::from_secs(2) {
        return None;
    }
    let millis = elapsed.as_millis().saturating_mul(rest.into()) / u128::from(advanced);
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(measure: Measure, (done, total): (u64, u64), seconds: u64, expected: &str) {
        let mark = Mark { done, total };
        assert_eq!(words(measure, mark, 0, Duration::from_secs(seconds)), expected);
    }

    #[test]
    fn a_line_says_how_far_and_how_long_still() {
        let units = Measure::Things("units");
        check(units, (0, 60_000), 5, "0 %, 0 of 60,000 units");
        check(units, (30_000, 60_000), 1, "50 %, 30,000 of 60,000 units");
        check(units, (20, 60), 60, "33 %, 20 of 60 units, done in about 2 min");
        check(units, (60, 60), 60, "100 %, 60 of 60 units");
        check(units, (7, 0), 60, "7 units");
        check(Measure::Bytes, (1_024, 4_096), 10, "25 %, 1.0 KiB of 4.0 KiB, done in about 30 s");
        check(Measure::Bytes, (5, 0), 10, "5 B");
    }

    #[test]
    fn what_was_done_before_is_not_this_runs_pace() {
        let mark = Mark { done: 60, total: 100 };
        let minute = Duration::from_secs(60);
        assert_eq!(left(mark, 50, minute), Some(Duration::from_secs(240)));
        assert_eq!(left(mark, 60, minute), None);
    }

    #[test]
    fn numbers_out_of_range_do_no_harm() {
        let mark = Mark { done: u64::MAX, total: 1 };
        assert_eq!(percent(mark), 100);
        assert_eq!(left(mark, 0, Duration::MAX), None);
        let mark = Mark { done: 1, total: u64::MAX };
        assert!(left(mark, 0, Duration::MAX).is_some());
    }
}
