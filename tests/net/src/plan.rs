//! What a seed makes of a world: hosts, paths, and what goes wrong when. Each seed switches whole
//! kinds of fault on or off, so that rare mixtures are met too.

use std::time::Duration;

use gleaner_link::sim::Chance;
use gleaner_shared::policy::Standing;

use crate::network::millis;
use crate::path::Path;

/// Something that goes wrong, or is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Up, down: what is cut of a host's path.
    Cut(usize, [bool; 2]),
    /// Of all paths.
    Blackout([bool; 2]),
    /// A host's NAT forgets it.
    Rebind(usize),
    ServerDies,
    ServerStops,
    ServerStarts,
    HostDies(usize),
    /// It dies and loses what it had on disk of its work.
    HostForgets(usize),
    HostStops(usize),
    HostStarts(usize),
}

/// A world to be.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) standing: Standing,
    pub(crate) copies: u8,
    /// Threads of each host.
    pub(crate) threads: Vec<usize>,
    pub(crate) paths: Vec<Path>,
    pub(crate) pace_ms: (u64, u64),
    /// Of batches, in thousandths: the disk is full.
    pub(crate) full: u64,
    /// When, and what.
    pub(crate) acts: Vec<(Duration, Act)>,
    /// When all faults stop.
    pub(crate) heal: Duration,
}

impl Plan {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let own = chance.permille(500);
        let copies = if own { 1 } else { u8::try_from(chance.between(1, 2)).unwrap_or(1) };
        let hosts = chance.between(if own { 2 } else { 3 }, 4);
        let threads = (0..hosts).map(|_| usize::try_from(chance.between(1, 2)).unwrap_or(1));
        let threads: Vec<usize> = threads.collect();
        let paths = paths(chance, threads.len());
        let pace_ms = (500, chance.between(1_000, 6_000));
        let full = if chance.permille(300) { chance.between(10, 60) } else { 0 };
        let heal = millis(chance.between(50_000, 100_000));
        let acts = acts(chance, threads.len(), heal);
        let standing = if own { Standing::Own } else { Standing::Stranger };
        Self { standing, copies, threads, paths, pace_ms, full, acts, heal }
    }
}

fn paths(chance: &mut Chance, hosts: usize) -> Vec<Path> {
    let mut some = |most: u64| if chance.permille(500) { chance.between(1, most) } else { 0 };
    let (lost, twice, corrupt, jitter) = (some(300), some(100), some(30), some(150));
    let small = chance.permille(500);
    let mut path = || {
        let width = chance.between(8, 60);
        let mtu = if small { 1_280 } else { 1_500 };
        let delay_ms = (chance.between(5, 150), jitter);
        Path { delay_ms, lost, twice, corrupt, ..Path::calm(width, mtu) }
    };
    (0..hosts).map(|_| path()).collect()
}

/// Kinds of fault: how often in a minute at most, and for how long at most.
const KINDS: [(u64, u64); 7] = [
    (4, 40_000), // cuts of one path
    (1, 45_000), // blackouts
    (6, 0),      // rebindings
    (2, 15_000), // the server dies
    (1, 8_000),  // the server stops
    (2, 20_000), // a host dies
    (1, 20_000), // a host stops
];

fn acts(chance: &mut Chance, hosts: usize, heal: Duration) -> Vec<(Duration, Act)> {
    let mut acts = Vec::new();
    let end = u64::try_from(heal.as_millis()).unwrap_or(u64::MAX);
    for (kind, (often, long)) in KINDS.into_iter().enumerate() {
        if chance.permille(500) {
            continue;
        }
        let times = chance.between(1, 1 + often * end / 60_000);
        for _ in 0..times {
            let at = chance.between(1_000, end);
            let over = (at + chance.between(200, 200 + long)).min(end);
            let host = usize::try_from(chance.between(1, hosts as u64) - 1).unwrap_or(0);
            let (act, mended) = pair(chance, kind, host);
            acts.push((millis(at), act));
            acts.extend(mended.map(|mended| (millis(over), mended)));
        }
    }
    acts.sort_by_key(|(at, _)| *at);
    acts
}

fn pair(chance: &mut Chance, kind: usize, host: usize) -> (Act, Option<Act>) {
    let whole = [false, false];
    let ways = [[true, true], [true, true], [true, false], [false, true]];
    let cut = ways[usize::try_from(chance.between(0, 3)).unwrap_or(0)];
    match kind {
        0 => (Act::Cut(host, cut), Some(Act::Cut(host, whole))),
        1 => (Act::Blackout(cut), Some(Act::Blackout(whole))),
        2 => (Act::Rebind(host), None),
        3 => (Act::ServerDies, Some(Act::ServerStarts)),
        4 => (Act::ServerStops, Some(Act::ServerStarts)),
        5 if chance.permille(400) => (Act::HostForgets(host), Some(Act::HostStarts(host))),
        5 => (Act::HostDies(host), Some(Act::HostStarts(host))),
        _ => (Act::HostStops(host), Some(Act::HostStarts(host))),
    }
}
