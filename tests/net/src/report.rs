//! What happened in a world, and running one.

use std::fmt;

use tokio::runtime::Builder;

use crate::witness::Mutant;
use crate::world::World;

/// What happened in worlds that kept their promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Of virtual time.
    pub(crate) millis: u64,
    pub(crate) datagrams: u64,
    pub(crate) lost: u64,
    pub(crate) bytes: u64,
    pub(crate) batches: u64,
    /// Batches that the disk had no space for.
    pub(crate) refused: u64,
    pub(crate) units_granted: u64,
    pub(crate) receipts: u64,
    pub(crate) sessions: u64,
    pub(crate) sessions_lost: u64,
    pub(crate) drains: u64,
    pub(crate) cancels: u64,
    pub(crate) fetches_resumed: u64,
    pub(crate) bytes_not_asked_for_again: u64,
    pub(crate) payload_bytes: u64,
    /// A hash of every datagram and of all that hosts have seen: equal for equal seeds.
    pub(crate) trace: u64,
}

/// A promise was broken.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) seed: u64,
    pub(crate) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, what } = self;
        write!(
            f,
            "seed {seed}: {what}\n  replay: cargo run -p gleaner-net --example net -- --seed {seed} --verbose"
        )
    }
}

impl Report {
    /// Adds another's numbers; traces are combined.
    pub(crate) fn add(&mut self, other: &Self) {
        self.millis += other.millis;
        self.datagrams += other.datagrams;
        self.lost += other.lost;
        self.bytes += other.bytes;
        self.batches += other.batches;
        self.refused += other.refused;
        self.units_granted += other.units_granted;
        self.receipts += other.receipts;
        self.sessions += other.sessions;
        self.sessions_lost += other.sessions_lost;
        self.drains += other.drains;
        self.cancels += other.cancels;
        self.fetches_resumed += other.fetches_resumed;
        self.bytes_not_asked_for_again += other.bytes_not_asked_for_again;
        self.payload_bytes += other.payload_bytes;
        self.trace = self.trace.rotate_left(1) ^ other.trace;
    }
}

/// Lives through the world of a seed, in virtual time, and says so to whoever listens.
pub(crate) fn run(seed: u64, mutant: Mutant, talk: Option<fn(&str)>) -> Result<Report, Broken> {
    let broken = |what: String| Broken { seed, what };
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| broken(error.to_string()))?;
    runtime.block_on(async {
        let world = World::new(seed, mutant, talk).map_err(|error| broken(error.to_string()))?;
        world.live().await.map_err(broken)
    })
}
