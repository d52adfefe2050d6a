//! Commits that fail, and commits whose answers are lost: as if they had not been asked for, or as if
//! they had been answered. Nothing is merged twice, and nothing is told that is not kept. A finish
//! step that panics is tried again.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::again::Final;
use super::{Workload, again};
use crate::journal::{Act, Journal};
use crate::{Client, Golden, Server, World, invariants, panics, until};

/// Batches that the disk refuses, batches whose answers are lost, and a finish step that panics, in
/// one life of the server.
const PLAN: &str = "server.batch.before=eio@3,server.batch.lost=eio@6,\
                    server.batch.before=enospc@10x2,server.batch.lost=eio@12,\
                    server.finish.half=panic@1,server.finish.replaced=panic@1";
/// How long the job may take with all that.
const PATIENCE: Duration = Duration::from_secs(300);
/// What has to come of it.
const REFUSALS: usize = 5;

/// Has commits fail in a job of 49 units.
///
/// # Errors
/// If a result differs, is merged twice, or is computed again after its receipt.
pub fn prove(world: &World, golden: &Golden, rounds: u32) -> Result<String> {
    let mut server = Server::start(world, &world.path("server"))?;
    let invite = server.admin().invite(&["--trusted", "--uses", "2"])?;
    let mut clients =
        [Client::join(world, "ada", &invite)?, Client::join(world, "grace", &invite)?];
    let mut work = Workload::new(world, golden, server.admin(), rounds)?;
    work.submit()?;
    server.stop()?;
    server.plan(PLAN);
    server.restart()?;
    for client in &mut clients {
        client.start()?;
    }
    until(PATIENCE, "the job to end", || {
        server.process()?.expect_alive()?;
        Ok(work.standing()?.filter(|standing| standing.open == 0))
    })?;
    work.finish()?;
    for client in &mut clients {
        client.stop()?;
    }
    server.stop()?;
    let fired = Journal::new(world.journal("server")).news()?;
    let refused = fired.iter().filter(|fired| matches!(fired.act, Act::Eio | Act::Enospc)).count();
    let panicked = fired.iter().filter(|fired| fired.act == Act::Panic).count();
    ensure!(panicked == 2, "{panicked} panics: {fired:?}");
    panics::none_but_injected(world)?;
    ensure!(refused == REFUSALS, "{refused} commits were refused: {fired:?}");
    let receipts = again::none_computed_after_its_receipt(&clients, (Final::All, &[]))?;
    let checked = invariants::check(server.data())?;
    Ok(format!(
        "{refused} batches refused or unanswered and a finish step that panicked twice: the job golden, {receipts} receipts and nothing \
         computed after its receipt; {checked}"
    ))
}
