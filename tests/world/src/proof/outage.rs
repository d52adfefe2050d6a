//! Acceptance 5: the server goes away for a while; clients compute on, nothing is lost, and work
//! goes on soon after its return.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Workload;
use crate::{Client, Golden, Server, World, until};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How long the server is away.
    pub away: Duration,
    /// Rounds of work for each document.
    pub rounds: u32,
}

/// How soon work has to go on.
const RETURN_MAX: Duration = Duration::from_secs(2);

/// Units merged before the server goes.
const SETTLED_IN: u64 = 12;

/// Stops the server in the middle.
///
/// # Errors
/// If clients stand still, something is lost, or work goes on too late.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<String> {
    let mut server = Server::start(world, &world.path("server"))?;
    let invite = server.admin().invite(&["--trusted", "--uses", "2"])?;
    let mut clients =
        [Client::join(world, "ada", &invite)?, Client::join(world, "grace", &invite)?];
    let mut work = Workload::new(world, golden, server.admin(), size.rounds)?;
    // Enough for the outage and some time after it.
    for _ in 0..3 {
        work.submit()?;
    }
    for client in &mut clients {
        client.start()?;
    }
    // By then the clients know their pace, and have as much ahead as they want.
    until(Duration::from_secs(60), "the first merges", || {
        Ok(work.standing()?.filter(|standing| standing.merged >= SETTLED_IN))
    })?;
    server.stop()?;
    let before = spooled(&clients)?;
    sleep(size.away);
    for client in &mut clients {
        client.process()?.expect_alive()?;
        // A busy machine may take longer than the server was away.
        until(Duration::from_secs(60), "a client to compute what it holds", || {
            let status = client.status()?;
            ensure!(status["state"] == "not-connected", "it has a server: {status}");
            let left = ["units_in_hand", "units_buffered"].map(|name| status[name].as_u64());
            Ok((left == [Some(0), Some(0)]).then_some(()))
        })?;
    }
    let after = spooled(&clients)?;
    ensure!(after > before, "clients stood still while the server was away: {after} results");
    server.restart()?;
    let back = Instant::now();
    let first = work.standing()?.context("the server does not answer")?.merged;
    until(Duration::from_secs(60), "a merge after the return", || {
        Ok(work.standing()?.filter(|standing| standing.merged > first))
    })?;
    let took = back.elapsed();
    ensure!(took <= RETURN_MAX, "work went on only after {:.1} s", took.as_secs_f64());
    work.finish()?;
    Ok(format!(
        "server away for {} s: all {} units that clients held computed meanwhile, first merge \
         {:.2} s after its return, {} jobs of 49 units golden",
        size.away.as_secs(),
        after - before,
        took.as_secs_f64(),
        work.jobs()
    ))
}

/// Results that clients keep on disk.
fn spooled(clients: &[Client<'_>]) -> Result<usize> {
    clients.iter().map(|client| files(&client.data().join("spool"))).sum()
}

fn files(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        count += usize::from(entry?.file_type()?.is_file());
    }
    Ok(count)
}
