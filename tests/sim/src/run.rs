//! Running one seed to its end, or to the first broken promise.

use std::collections::BTreeMap;
use std::fmt;

use crate::invariant::{Illegal, Invariant};
use crate::world::World;

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Units of all its jobs.
    pub units: u32,
}

/// What happened in a world that kept its promises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Happenings.
    pub steps: u64,
    /// Events that the engine was told.
    pub events: u64,
    /// Commits tried.
    pub batches: u64,
    /// Units merged.
    pub merges: u64,
    /// Units that hosts began to compute.
    pub begun: u64,
    /// Results that hosts were told came too late.
    pub late: u64,
    /// Crashes of the server.
    pub crashes: u64,
    /// Engines restored from the store.
    pub restarts: u64,
    /// Virtual milliseconds.
    pub millis: u64,
    /// After how many times the longest lease, from the end of all faults, everything was done.
    pub leases: u64,
    /// Rare things, by name, and how often they happened.
    pub met: BTreeMap<&'static str, u64>,
    /// A hash of everything that happened: equal for equal seeds.
    pub trace: u64,
}

/// A promise was broken.
#[derive(Debug)]
pub struct Broken {
    /// The world's seed and size.
    pub seed: u64,
    /// Its size.
    pub size: Size,
    /// How many happenings there were.
    pub step: u64,
    /// When, in virtual milliseconds.
    pub millis: u64,
    /// Which promise.
    pub invariant: Invariant,
    /// How.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, size, step, millis, invariant, what } = self;
        write!(
            f,
            "seed {seed}, step {step}, at {millis} ms, {invariant}: {what}\n  it means: {}\n  replay: \
             cargo run --release -p gleaner-sim --bin sim -- --seed {seed} --units {} --trace",
            invariant.sentence(),
            size.units
        )
    }
}

impl std::error::Error for Broken {}

impl Report {
    /// Adds the numbers of another world; traces are combined.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.events += other.events;
        self.batches += other.batches;
        self.merges += other.merges;
        self.begun += other.begun;
        self.late += other.late;
        self.crashes += other.crashes;
        self.restarts += other.restarts;
        self.millis += other.millis;
        self.leases = self.leases.max(other.leases);
        for (name, count) in &other.met {
            *self.met.entry(name).or_default() += count;
        }
        self.trace = self.trace.rotate_left(1) ^ other.trace;
    }
}

/// Lives through the world of a seed. `watch` is called before each step with a line on what is
/// about to happen.
pub fn run(
    seed: u64,
    size: Size,
    mut watch: Option<&mut dyn FnMut(&str)>,
) -> Result<Report, Broken> {
    let broken = |step, millis, Illegal { invariant, why }| {
        let what = why;
        Broken { seed, size, step, millis, invariant, what }
    };
    let mut world = World::new(seed, size.units).map_err(|why| broken(0, 0, why))?;
    if let Some(watch) = &mut watch {
        watch(&format!("{:#?}", world.setup));
    }
    loop {
        if let Some(watch) = &mut watch
            && let Some(line) = world.next_line()
        {
            watch(&line);
        }
        match world.step() {
            Ok(true) => {}
            Ok(false) => {
                let mut report = world.report;
                report.millis = world.agenda.now().0;
                let healing = report.millis.saturating_sub(world.setup.heal.0);
                report.leases = healing.div_ceil(world.setup.longest_lease().0.max(1));
                report.met.extend(world.store.met);
                return Ok(report);
            }
            Err(why) => {
                return Err(broken(world.report.steps, world.agenda.now().0, why));
            }
        }
    }
}
