//! Some seeds in each build, and mistakes that must be found.

use gleaner_link::sim::Chance;
use tokio::runtime::Builder;

use crate::calm::all_open;
use crate::network::millis;
use crate::path::Path;
use crate::plan::Plan;
use crate::report::{Report, run};
use crate::witness::Mutant;
use crate::world::World;

const SEEDS: u64 = 30;

fn live(seed: u64) -> Report {
    run(seed, Mutant::None, None).unwrap_or_else(|broken| panic!("{broken}"))
}

#[test]
fn whatever_the_network_does_everything_comes_to_its_end() {
    let mut all = Report::default();
    for seed in 1..=SEEDS {
        all.add(&live(seed));
    }
    // A world in which nothing happens would keep every promise.
    assert!(all.lost > 100 * SEEDS && all.sessions_lost > 2 * SEEDS, "{all:?}");
    assert!(all.fetches_resumed > SEEDS / 4 && all.receipts > 24 * SEEDS, "{all:?}");
    assert!(all.drains > 2 * SEEDS && all.cancels > SEEDS && all.refused > 0, "{all:?}");
}

/// A line over a satellite, and one of 64 kbit/s.
#[test]
fn a_host_on_a_slow_line_gets_its_session() {
    for (delay_ms, width) in [((700, 50), 100), ((50, 10), 8)] {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let mut chance = Chance::new(1);
            let path = Path { delay_ms, ..Path::calm(width, 1_500) };
            let plan = Plan { paths: vec![path], threads: vec![1], ..Plan::draw(&mut chance) };
            let mut world = World::of(plan, chance, (Mutant::None, None)).unwrap();
            world.join().await.unwrap();
            world.until("it is reached", millis(60_000), all_open).await.unwrap();
        });
    }
}

#[test]
fn a_seed_is_the_same_world_each_time() {
    for seed in 100..103 {
        assert_eq!(live(seed), live(seed), "seed {seed}");
    }
    assert_ne!(live(100).trace, live(101).trace);
}

/// One of some seeds finds the mistake by what it does; another may break something else first.
fn found(mutant: Mutant, says: &str) {
    let seen: Vec<String> = (1..=20)
        .map_while(|seed| match run(seed, mutant, None) {
            Err(broken) if broken.what.contains(says) => None,
            ended => Some(ended.map_or_else(|broken| broken.what, |_| "nothing".to_owned())),
        })
        .collect();
    assert!(seen.len() < 20, "{mutant:?}: 20 seeds have not said {says:?}, but {seen:?}");
}

#[test]
fn a_receipt_before_its_result_is_kept_is_found() {
    found(Mutant::AcknowledgedNotKept, "which is not so on disk");
}

#[test]
fn a_resumed_transfer_that_misses_a_byte_is_found() {
    found(Mutant::OffsetByOne, "came with damage");
}

#[test]
fn a_host_that_stays_cut_off_is_found() {
    found(Mutant::NeverHealed, "not within");
}
