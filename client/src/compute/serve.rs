//! The crew's side of the pipes: a thread for each unit, and one that looks at the time.
//!
//! When the client is gone, its pipe ends, and the crew with it. A thread cannot be stopped: if a
//! document takes too long, it is reported, the other units get a little time, and the process ends.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gleaner_shared::limits::{COMPUTE_LOOK, LATE_PATIENCE};

use super::bench::Bench;
use super::clock::Clock;
use super::outcome::{Outcome, Stopped, Told, failed};
use super::pipe::{self, Ask, Errand, Say};
use super::run::{Run, Runs};
use crate::talk::span;

/// What the threads share.
#[derive(Debug)]
struct Crew<W> {
    bench: Bench,
    runs: Mutex<Runs>,
    output: Mutex<W>,
}

/// Computes what is asked for until nobody asks any more.
///
/// # Errors
/// What is asked cannot be read, or there are no threads.
pub(crate) fn serve(
    mut input: impl Read,
    output: impl Write + Send + 'static,
    bench: Bench,
) -> io::Result<()> {
    let (runs, output) = (Mutex::default(), Mutex::new(output));
    let crew = Arc::new(Crew { bench, runs, output });
    let watch = crew.clone();
    std::thread::Builder::new().name("watch".into()).spawn(move || watch.watch())?;
    while let Some(ask) = pipe::read(&mut input)? {
        match ask {
            Ask::Unit(number, errand) => begin(&crew, number, *errand),
            Ask::Void(number) => crew.runs().void(number),
        }
    }
    Ok(())
}

fn begin<W: Write + Send + 'static>(crew: &Arc<Crew<W>>, number: u64, errand: Errand) {
    let Some(run) = crew.runs().begin(number, span(errand.job.deadline)) else { return };
    let thread = std::thread::Builder::new().name(format!("compute-{number}"));
    let own = crew.clone();
    let begun = thread.spawn(move || own.compute(number, &errand, &run));
    if let Err(error) = begun {
        crew.made(number, Err(Stopped::Unread(format!("there is no thread for it: {error}"))));
    }
}

impl<W: Write> Crew<W> {
    fn compute(&self, number: u64, errand: &Errand, run: &Run) {
        run.has(Clock::of_this_thread());
        let outcome = self.bench.perform(errand, run, || self.say(&Say::Begun(number), &[]));
        self.made(number, outcome);
    }

    /// Tells what came of a unit, unless it was given up before.
    fn made(&self, number: u64, outcome: Outcome) {
        if self.runs().end(number) {
            self.tell(number, outcome);
        }
    }

    fn tell(&self, number: u64, outcome: Outcome) {
        let (told, packed) = Told::of(outcome);
        self.say(&Say::Made(number, told, packed.len() as u64), &packed);
    }

    fn say(&self, say: &Say, after: &[u8]) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        // If nobody listens, the other pipe ends too, and the process with it.
        let _gone = pipe::write(&mut *output, say, after);
    }

    /// Looks at the time for as long as the process lives.
    fn watch(&self) {
        let (look, mut last) = (span(COMPUTE_LOOK), Instant::now());
        let mut ends_at: Option<Instant> = None;
        loop {
            std::thread::sleep(look);
            let now = Instant::now();
            // What stood still with this thread, stopped by its owner, was no time for computing.
            let passed = (now - last).min(2 * look);
            last = now;
            let late = self.runs().late(passed);
            for (number, failure) in late {
                self.tell(number, Ok(failed(failure)));
                ends_at.get_or_insert(now + span(LATE_PATIENCE));
            }
            if ends_at.is_some_and(|at| at <= now || self.runs().is_empty()) {
                self.say(&Say::Ends, &[]);
                std::process::exit(0);
            }
        }
    }

    fn runs(&self) -> MutexGuard<'_, Runs> {
        // Nothing in the lock can panic half way.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
