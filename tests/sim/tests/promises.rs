//! What must hold in every world, tried on some seeds. `sim` tries many more.

use gleaner_sim::{Report, Size, run};

const SEEDS: u64 = 60;
const SIZE: Size = Size { units: 200 };

fn live(seed: u64) -> Report {
    run(seed, SIZE, None).unwrap_or_else(|broken| panic!("{broken}"))
}

#[test]
fn whatever_goes_wrong_every_unit_is_settled_once_and_rightly() {
    let mut all = Report::default();
    for seed in 0..SEEDS {
        all.add(&live(seed));
    }
    // A simulation in which nothing happens would keep every promise.
    assert!(all.merges > SEEDS * 100, "{all:?}");
    assert!(all.crashes > SEEDS && all.late > SEEDS, "{all:?}");
}

#[test]
fn rare_things_are_met() {
    const RARE: [&str; 43] = [
        "a ban",
        "a clone connects",
        "a clone has its twin's leases",
        "a commit fails",
        "a commit into a full store",
        "a commit whose end is not known",
        "a connection is cut",
        "a crash after the commit",
        "a crash amid what is told",
        "a crash before the commit",
        "a host comes under another account",
        "a host hands units back",
        "a host is stopped and goes on",
        "a host loses its disk",
        "a host speaks of others' leases",
        "a host starts again",
        "a host vanishes",
        "a host's connection flaps",
        "a message comes twice",
        "a message is late",
        "a message is lost",
        "an upgrade",
        "cancelled",
        "cleared",
        "expired",
        "failed in the app",
        "leased twice",
        "merged by an own host",
        "merged by strangers",
        "merged when a lease ended",
        "no majority",
        "not deterministic",
        "paused",
        "reopened",
        "retried when it is done",
        "retried while it runs",
        "split",
        "the clock jumps ahead",
        "the clock jumps back",
        "the server is stopped for a while",
        "the server's machine is suspended",
        "the store is full for a while",
        "third result undecided",
    ];
    let mut all = Report::default();
    let mut seed = 1_000;
    while !RARE.iter().all(|name| all.met.contains_key(name)) {
        assert!(seed < 2_000, "1,000 seeds have met only {:?}", all.met);
        all.add(&live(seed));
        seed += 1;
    }
    let unlisted = all.met.keys().find(|name| !RARE.contains(name));
    assert_eq!(unlisted, None, "what can be met is listed here");
}

#[test]
fn a_seed_is_the_same_world_each_time() {
    for seed in 100..110 {
        assert_eq!(live(seed), live(seed), "seed {seed}");
    }
    assert_ne!(live(100).trace, live(101).trace);
}

#[test]
fn watching_changes_nothing() {
    let mut lines = 0_u64;
    let mut watch = |_: &str| lines += 1;
    let watched = run(3, SIZE, Some(&mut watch)).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(watched, live(3));
    assert!(lines > watched.steps);
}
