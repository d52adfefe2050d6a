//! What a seed makes of a world before it starts: jobs, hosts, network and how much goes wrong.
//!
//! Each seed switches whole kinds of fault on or off, so that rare mixtures are met too.

use gleaner_shared::id::{AccountId, JobId};
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::{Policy, Standing};

use crate::rng::Rng;
use crate::truth::Truth;

/// A world to be.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) truth: Truth,
    pub(crate) jobs: Vec<JobPlan>,
    pub(crate) hosts: Vec<HostPlan>,
    pub(crate) faults: Faults,
    /// How often hosts look around.
    pub(crate) beat: Millis,
    /// When all faults stop.
    pub(crate) heal: Millis,
    /// By when every job must have ended.
    pub(crate) end: Millis,
}

#[derive(Debug)]
pub(crate) struct JobPlan {
    pub(crate) job: JobId,
    pub(crate) slices: u32,
    pub(crate) policy: Policy,
    pub(crate) opens: Millis,
    /// So many in a thousand of the operator's looks pause it, cancel it.
    pub(crate) pauses: u64,
    pub(crate) cancels: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct HostPlan {
    pub(crate) account: AccountId,
    pub(crate) standing: Standing,
    pub(crate) nature: Nature,
    /// When it first connects. Reinforcements come when faults stop.
    pub(crate) joins: Millis,
    /// The longest time that one unit takes it.
    pub(crate) slowness: Millis,
    /// Units that it computes at once.
    pub(crate) threads: u16,
    /// When it is gone for good.
    pub(crate) vanishes: Option<Millis>,
    /// It has the key of this host: they are two processes of one identity.
    pub(crate) twin: Option<usize>,
}

/// After so many lease times without faults, and a tenth of a second a unit, everything must be done.
/// The slowest of 10,000 worlds of 60 units needed 32: retries of what failed come on top.
const LEASES_TO_END: u64 = 50;

/// How much slower a slow host is.
pub(crate) const SLOWER: u64 = 50;

/// How a host behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Honest,
    /// Wrong digests of its own.
    LiesAlone,
    /// Wrong digests on which all colluders agree.
    Colludes,
    /// Says that the app crashes.
    ClaimsCrashes,
    /// Takes units and renews them, but never computes; leaves when faults stop.
    Hogs,
    /// The same, but its leases run out.
    Sleeps,
}

/// How often things go wrong, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Of messages.
    pub(crate) lost: u64,
    pub(crate) twice: u64,
    pub(crate) slow: u64,
    /// Of messages: the connection breaks.
    pub(crate) cut: u64,
    /// Of stale messages: the driver lets them through.
    pub(crate) stale: u64,
    /// Of commits.
    pub(crate) commit_fails: u64,
    pub(crate) crash_before: u64,
    pub(crate) crash_after: u64,
    /// The server dies when it has told some of what a batch tells.
    pub(crate) crash_telling: u64,
    /// The store has committed, and the server hears that it has not.
    pub(crate) commit_unknown: u64,
    /// Of beats of hosts.
    pub(crate) vanish: u64,
    pub(crate) restart: u64,
    pub(crate) amnesia: u64,
    pub(crate) moves: u64,
    pub(crate) hands_back: u64,
    pub(crate) banned: u64,
    pub(crate) flaps: u64,
    pub(crate) stopped: u64,
    /// It wakes up with a copy of its twin's disk.
    pub(crate) copied: u64,
    /// It speaks of leases of others.
    pub(crate) meddles: u64,
    /// Of the weather's looks at the server.
    pub(crate) clock_jumps: u64,
    pub(crate) full: u64,
    pub(crate) stops: u64,
    pub(crate) suspends: u64,
    pub(crate) upgrades: u64,
    /// Of the operator's looks at a running job with failed units.
    pub(crate) retries: u64,
}

impl Setup {
    pub(crate) fn draw(rng: &mut Rng, units: u32) -> Self {
        let faults = draw_faults(rng);
        let jobs = draw_jobs(rng, units);
        let heal = Millis::from_seconds(rng.between(60, 240));
        let hosts = draw_hosts(rng, &jobs, heal);
        let shortest = jobs.iter().map(|job| job.policy.deadline.0).min().unwrap_or(10_000);
        let healing = LEASES_TO_END * longest_lease(&jobs).0 + 100 * u64::from(units);
        let end = Millis(heal.0 + healing);
        let truth = Truth {
            salt: rng.next(),
            crashing: if rng.chance(300) { 15 } else { 0 },
            wavering: if rng.chance(100) { 10 } else { 0 },
        };
        Self { truth, jobs, hosts, faults, beat: Millis(shortest / 3), heal, end }
    }
}

impl Setup {
    /// The longest time that a unit may be leased for.
    pub(crate) fn longest_lease(&self) -> Millis {
        longest_lease(&self.jobs)
    }
}

fn longest_lease(jobs: &[JobPlan]) -> Millis {
    jobs.iter().map(|job| job.policy.deadline).max().unwrap_or(Millis(0))
}

fn draw_faults(rng: &mut Rng) -> Faults {
    let mut some = |most: u64| if rng.chance(500) { rng.between(1, most) } else { 0 };
    Faults {
        lost: some(100),
        twice: some(100),
        slow: some(100),
        cut: some(20),
        stale: some(500),
        commit_fails: some(30),
        crash_before: some(20),
        crash_after: some(20),
        crash_telling: some(20),
        commit_unknown: some(20),
        vanish: some(15),
        restart: some(30),
        amnesia: some(30),
        moves: some(20),
        hands_back: some(50),
        banned: some(10),
        flaps: some(200),
        stopped: some(20),
        copied: some(100),
        meddles: some(100),
        clock_jumps: some(200),
        full: some(40),
        stops: some(30),
        suspends: some(30),
        upgrades: some(30),
        retries: some(100),
    }
}

fn draw_jobs(rng: &mut Rng, units: u32) -> Vec<JobPlan> {
    let count = u32::try_from(rng.between(1, 4)).unwrap_or(1);
    let mut jobs: Vec<JobPlan> = (1..=count)
        .map(|number| JobPlan {
            job: JobId(number),
            slices: units / count,
            policy: Policy {
                copies: rng.one_of(&[1, 2, 2, 2, 3, 5]),
                own_copies: rng.one_of(&[1, 1, 1, 2]),
                priority: rng.one_of(&[1, 1, 1, 3, 100]),
                deadline: Millis::from_seconds(rng.between(5, 40)),
            },
            opens: Millis::from_seconds(rng.below(30)),
            pauses: if rng.chance(200) { 30 } else { 0 },
            cancels: 0,
        })
        .collect();
    if rng.chance(100) {
        jobs[0].slices = 0;
    }
    if count > 1 && rng.chance(150) {
        jobs[1].cancels = 60;
    }
    jobs
}

fn draw_hosts(rng: &mut Rng, jobs: &[JobPlan], heal: Millis) -> Vec<HostPlan> {
    let mut hosts = Vec::new();
    let own = if rng.chance(600) { rng.between(1, 6) } else { 0 };
    let strangers = if rng.chance(850) { rng.between(1, 24) } else { 0 };
    let accounts = 1 + strangers * rng.between(3, 10) / 10;
    let liars = if rng.chance(500) { rng.between(0, 400) } else { 0 };
    let lie = rng.one_of(&[Nature::LiesAlone, Nature::Colludes, Nature::ClaimsCrashes]);
    let hogs = if rng.chance(200) { rng.one_of(&[150, 900]) } else { 0 };
    let hog = rng.one_of(&[Nature::Hogs, Nature::Sleeps]);
    let slowness = rng.between(20, 2_000);
    let slow = if rng.chance(400) { rng.between(10, 300) } else { 0 };
    for number in 0..own + strangers {
        let is_own = number < own;
        let nature = if is_own {
            Nature::Honest
        } else if rng.chance(liars) {
            lie
        } else if rng.chance(hogs) {
            hog
        } else {
            Nature::Honest
        };
        hosts.push(HostPlan {
            account: if is_own { AccountId::OPERATOR } else { AccountId(1 + rng.below(accounts)) },
            standing: if is_own { Standing::Own } else { Standing::Stranger },
            nature,
            joins: Millis::from_seconds(rng.below(40)),
            slowness: Millis(if rng.chance(slow) { SLOWER * slowness } else { slowness }),
            threads: rng.one_of(&[1, 1, 2, 8]),
            vanishes: None,
            twin: None,
        });
    }
    clone_some(rng, &mut hosts);
    hosts.extend(reinforcements(jobs, own > 0, heal));
    hosts
}

/// Some hosts run twice: a copied disk, a machine restored from its image.
fn clone_some(rng: &mut Rng, hosts: &mut Vec<HostPlan>) {
    if rng.chance(300) && !hosts.is_empty() {
        for _ in 0..rng.between(1, 3) {
            let count = u64::try_from(hosts.len()).unwrap_or(1);
            let index = usize::try_from(rng.below(count)).unwrap_or(0);
            let twin = Some(hosts[index].twin.unwrap_or(index));
            let joins = Millis::from_seconds(rng.below(60));
            hosts.push(HostPlan { twin, joins, ..hosts[index] });
        }
    }
}

/// Hosts that come when faults stop, enough for every unit to be decided: own hosts where own hosts
/// have voted, else as many honest accounts as a unit may have results.
fn reinforcements(jobs: &[JobPlan], own: bool, heal: Millis) -> Vec<HostPlan> {
    let standing = if own { Standing::Own } else { Standing::Stranger };
    let copies = jobs.iter().map(|job| job.policy.own_copies).max().unwrap_or(1);
    let count = if own { u64::from(copies) + 1 } else { 10 };
    let plan = |number| HostPlan {
        account: if own { AccountId::OPERATOR } else { AccountId(1_000 + number) },
        standing,
        nature: Nature::Honest,
        joins: heal,
        slowness: Millis(200),
        threads: 2,
        vanishes: None,
        twin: None,
    };
    (0..count).map(plan).collect()
}
