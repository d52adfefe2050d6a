//! Some seeds in each build, and mistakes that must be found.

use gleaner_engine::effect::JobState;
use gleaner_link::sim::Chance;
use gleaner_shared::policy::Standing;
use tokio::runtime::Builder;
use tokio::time::sleep;

use crate::calm::{all_open, is};
use crate::network::millis;
use crate::path::Path;
use crate::plan::Plan;
use crate::report::{Report, run};
use crate::witness::Mutant;
use crate::world::{FIRST, World};

const SEEDS: u64 = 24;

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

/// Of the largest payloads and results less than half comes through between two cuts.
#[test]
fn what_was_cut_goes_on_where_it_stopped() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let mut chance = Chance::new(1);
        let (paths, threads, pace_ms) = (vec![Path::calm(8, 1_500)], vec![2], (10, 20));
        let standing = Standing::Own;
        let plan = Plan { standing, paths, threads, pace_ms, ..Plan::draw(&mut chance) };
        let mut world = World::of(plan, chance, (Mutant::None, None)).unwrap();
        world.join().await.unwrap();
        let mut cuts = 0;
        while !is(&world.books.open(), FIRST, JobState::Done) {
            cuts += 1;
            assert!(cuts < 60, "{}", world.state());
            sleep(millis(9_000)).await;
            world.net.path(0, |path| path.cut = [true; 2]);
            sleep(millis(40_000)).await;
            world.net.path(0, |path| path.cut = [false; 2]);
            world.sound().unwrap();
        }
        let [up, down] = world.net.traffic().taken;
        let (payloads, results) = {
            let books = world.books.open();
            (books.came_bytes, books.told_bytes)
        };
        // Beside what must travel: headers, what was on its way at a cut, handshakes.
        let most = |bytes: u64| bytes + bytes / 10 + cuts * 30_000;
        assert!(
            down < most(payloads) && up < most(results),
            "{cuts} cuts, {down} bytes down for {payloads}, {up} up for {results}"
        );
    });
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
