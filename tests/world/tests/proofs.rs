//! The proofs in the size of CI: real processes, one world after the other.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gleaner_world::proof::{
    bad, big_intake, broken_apps, chaos, commits, crashes, full, golden, outage, papers, power,
    refused,
};
use gleaner_world::{Golden, World, reference};

/// Runs a proof that needs the reference data, if it is here.
fn prove<T>(proof: impl FnOnce(&World, &Golden) -> Result<T>) {
    if let Some(golden) = reference() {
        show(World::prove(|world| proof(world, &golden)));
    }
}

fn show<T>(proved: Result<T>) {
    if let Err(error) = proved {
        panic!("{error:?}");
    }
}

#[test]
fn the_demo_shows_a_knowledge_graph_within_a_minute() {
    // In a world, though it makes its own: only one at a time.
    show(World::prove(|_| {
        let output = Command::new(env!("CARGO_BIN_EXE_demo")).arg("--dev").output()?;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        ensure!(output.status.success(), "{}\n{out}{err}", output.status);
        for part in ["The top concepts", "The strongest edges", "What article SAMPLE", "A       "] {
            ensure!(out.contains(part), "{part:?} is not shown:\n{out}");
        }
        ensure!(err.contains(" % of ") || err.contains(" %, "), "no progress is shown:\n{err}");
        let took = out.split_once("All of this took ").and_then(|(_, rest)| rest.split_once(" s."));
        let seconds: f64 = took.context("it does not say how long it took")?.0.parse()?;
        ensure!(seconds < 60.0, "it took {seconds} s");
        Ok(())
    }));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn two_own_clients_give_the_golden_bytes() {
    prove(|world, golden| golden::prove(world, golden, golden::Variant::TwoOwn));
}

#[test]
fn one_thread_gives_the_golden_bytes() {
    prove(|world, golden| golden::prove(world, golden, golden::Variant::OneThread));
}

#[test]
fn four_clients_give_the_golden_bytes() {
    prove(|world, golden| golden::prove(world, golden, golden::Variant::FourOwn));
}

#[test]
fn two_volunteers_who_agree_give_the_golden_bytes() {
    prove(|world, golden| golden::prove(world, golden, golden::Variant::Volunteers));
}

#[test]
fn the_order_of_documents_does_not_matter() {
    prove(|world, golden| golden::prove(world, golden, golden::Variant::OtherOrder));
}

#[test]
fn killed_at_random_nothing_is_lost_or_merged_twice() {
    let size = crashes::Size { kills: 12, seed: 7, jobs: 3, rounds: 300 };
    prove(|world, golden| crashes::prove(world, golden, size));
}

#[test]
fn in_chaos_every_failpoint_is_reached_and_everything_holds() {
    let size = chaos::Size { time: Duration::from_secs(6), faults: 15, seed: 7, rounds: 40 };
    prove(|world, golden| chaos::prove(world, golden, size));
}

#[test]
fn commits_that_fail_or_are_not_answered_change_nothing() {
    prove(|world, golden| commits::prove(world, golden, 60));
}

#[test]
fn power_cuts_lose_nothing_acknowledged() {
    let size = power::Size { cuts: 6, seed: 7, rounds: 200 };
    prove(|world, golden| power::prove(world, golden, size));
}

#[test]
fn clients_compute_on_while_the_server_is_away() {
    let size = outage::Size { away: Duration::from_secs(8), rounds: 60 };
    prove(|world, golden| outage::prove(world, golden, size));
}

#[test]
fn who_cannot_come_in_is_told_why() {
    show(World::prove(refused::prove));
}

#[test]
fn bad_documents_are_set_aside() {
    show(World::prove(|world| bad::prove(world, 80)));
}

#[test]
fn a_full_disk_of_the_server_only_pauses() {
    prove(|world, golden| full::prove_server(world, golden, 60));
}

#[test]
fn a_full_disk_of_the_client_only_pauses() {
    prove(|world, golden| full::prove_client(world, golden, 60));
}

#[test]
fn documents_that_break_an_app_fail_alone_and_end_no_client() {
    // Two documents to a slice: each halving costs the deadline of the one without an end.
    let size = broken_apps::Size { documents: 36, words: 60 };
    show(World::prove(|world| broken_apps::prove(world, broken_apps::Who::Volunteers, size)));
}

#[test]
fn a_large_add_that_is_killed_goes_on() {
    let size = big_intake::Size { megabytes: 200, kills: 4, seed: 7 };
    show(World::prove(|world| big_intake::prove(world, size)));
}

#[test]
fn papers_through_two_clients_are_those_of_one_process() {
    prove(|world, golden| papers::prove(world, golden, papers::Size { papers: 120, seed: 7 }));
}
