//! Races: how long a job takes among hosts of which one in a hundred is slow or vanishes, how much is
//! computed twice, and how two jobs share. No faults but these; in virtual time, by seed.

use std::fmt;

use gleaner_shared::id::{AccountId, JobId};
use gleaner_shared::limits::LEASE_DEFAULT;
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::{Policy, Standing};

use crate::rng::Rng;
use crate::setup::{Faults, HostPlan, JobPlan, Nature, SLOWER, Setup};
use crate::truth::Truth;
use crate::world::World;

/// Hosts of a race.
const HOSTS: u32 = 100;
/// The longest time that a unit takes a usual host; the mean is half of it.
const SLOWNESS: Millis = Millis(2_000);

/// What is wrong with one host in a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// It is fifty times slower than the others.
    Slow,
    /// It is gone for good at some time, with all that it holds.
    Vanishes,
}

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Own hosts.
    Own,
    /// Strangers of an account each, at two copies.
    Strangers,
}

/// What came of a race.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// Virtual milliseconds until the job was done.
    pub millis: u64,
    /// Milliseconds that the good hosts need at least, if none ever waits.
    pub ideal_millis: u64,
    /// Copies that hosts began to compute.
    pub begun: u64,
    /// Copies that the policy asks for.
    pub needed: u64,
}

impl Race {
    /// How many times the ideal time it took.
    pub fn times_ideal(&self) -> f64 {
        self.millis as f64 / self.ideal_millis as f64
    }

    /// What was begun beyond what was needed, as a part of that.
    pub fn extra(&self) -> f64 {
        self.begun.saturating_sub(self.needed) as f64 / self.needed as f64
    }
}

impl fmt::Display for Race {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} s, {:.2} times the ideal {:.1} s, {:.1} % extra work",
            self.millis as f64 / 1_000.0,
            self.times_ideal(),
            self.ideal_millis as f64 / 1_000.0,
            self.extra() * 100.0
        )
    }
}

/// One job of so many units.
///
/// # Errors
/// A promise was broken, or the job did not end.
pub fn race(seed: u64, units: u32, field: Field, trouble: Trouble) -> Result<Race, String> {
    let copies = if field == Field::Own { 1 } else { 2 };
    let needed = u64::from(units) * copies;
    let bad = if trouble == Trouble::None { 0 } else { HOSTS / 100 };
    let ideal_millis = needed * SLOWNESS.0 / 2 / u64::from(HOSTS - bad);
    let mut rng = Rng::new(seed);
    let vanishes = Millis(rng.between(1, ideal_millis));
    let hosts = (0..HOSTS).map(|number| match trouble {
        Trouble::Slow if number < bad => {
            HostPlan { slowness: Millis(SLOWER * SLOWNESS.0), ..host(field, number) }
        }
        Trouble::Vanishes if number < bad => {
            HostPlan { vanishes: Some(vanishes), ..host(field, number) }
        }
        _ => host(field, number),
    });
    let setup = setup(vec![job(1, units, 1)], hosts.collect());
    let mut world = World::of(setup, rng).map_err(|broken| broken.to_string())?;
    while world.step().map_err(|broken| broken.to_string())? {}
    let (millis, begun) = (world.agenda.now().0, world.report.begun);
    Ok(Race { millis, ideal_millis, begun, needed })
}

/// Two jobs of priorities 1 and 3 and so many units each: how many units of the first have been
/// leased when all of the second are, which is while both have work.
///
/// # Errors
/// A promise was broken.
pub fn shares(seed: u64, units: u32, field: Field) -> Result<u32, String> {
    let hosts = (0..HOSTS).map(|number| host(field, number)).collect();
    let setup = setup(vec![job(1, units, 1), job(2, units, 3)], hosts);
    let leased =
        |world: &World, job| world.store.jobs.get(&JobId(job)).map_or(0, |row| row.next_slice);
    let mut world = World::of(setup, Rng::new(seed)).map_err(|broken| broken.to_string())?;
    while leased(&world, 2) < units {
        world.step().map_err(|broken| broken.to_string())?;
    }
    Ok(leased(&world, 1))
}

fn host(field: Field, number: u32) -> HostPlan {
    let (account, standing) = match field {
        Field::Own => (AccountId::OPERATOR, Standing::Own),
        Field::Strangers => (AccountId(1 + u64::from(number)), Standing::Stranger),
    };
    HostPlan {
        account,
        standing,
        nature: Nature::Honest,
        joins: Millis(0),
        slowness: SLOWNESS,
        threads: 1,
        vanishes: None,
        twin: None,
    }
}

fn job(number: u32, units: u32, priority: u8) -> JobPlan {
    JobPlan {
        job: JobId(number),
        slices: units,
        policy: Policy { priority, ..Policy::default() },
        opens: Millis(0),
        pauses: 0,
        cancels: 0,
    }
}

fn setup(jobs: Vec<JobPlan>, hosts: Vec<HostPlan>) -> Setup {
    Setup {
        truth: Truth { salt: 1, crashing: 0, wavering: 0 },
        jobs,
        hosts,
        faults: Faults::default(),
        beat: Millis(1_000),
        // They never begin.
        heal: Millis(0),
        end: Millis(LEASE_DEFAULT.0 * 100),
    }
}
