//! Acceptance 3: the exact results, while server and clients are killed at random moments.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::again::Final;
use super::{Workload, again};
use crate::{Chance, Client, Golden, Server, World, invariants};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Kills that have to hit open units.
    pub kills: u64,
    /// Decides who is killed when.
    pub seed: u64,
    /// Jobs at the beginning, of 49 units each.
    pub jobs: usize,
    /// Rounds of work for each document: paces the units.
    pub rounds: u32,
}

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Server,
    Client(usize),
    Everybody,
}

const VICTIMS: [Victim; 5] =
    [Victim::Server, Victim::Server, Victim::Client(0), Victim::Client(1), Victim::Everybody];

/// Kills until enough kills have hit open units, then lets all finish and compares.
///
/// # Errors
/// If anything is lost, merged twice, computed again after its receipt, or different.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<String> {
    let mut chance = Chance::new(size.seed);
    let mut server = Server::start(world, &world.path("server"))?;
    let invite = server.admin().invite(&["--trusted", "--uses", "2"])?;
    let mut clients =
        [Client::join(world, "ada", &invite)?, Client::join(world, "grace", &invite)?];
    let mut work = Workload::new(world, golden, server.admin(), size.rounds)?;
    for _ in 0..size.jobs {
        work.submit()?;
    }
    for client in &mut clients {
        client.start()?;
    }
    let (mut kills, mut open) = (0, 0);
    while kills < size.kills {
        work.keep_busy()?;
        sleep(Duration::from_millis(chance.between(0, 400)));
        // Between this look and the kill some milliseconds pass; a unit takes longer.
        let Some(standing) = work.standing()?.filter(|standing| standing.leased > 0) else {
            continue;
        };
        ensure!(standing.merged <= work.units(), "more merges than units: {standing:?}");
        strike(&mut server, &mut clients, chance.pick(&VICTIMS), &mut chance)?;
        kills += 1;
        open += standing.leased;
    }
    work.finish()?;
    for client in &mut clients {
        client.stop()?;
    }
    server.stop()?;
    let mut receipts = 0;
    for client in &clients {
        // Each by itself: one that was cut off may begin its copy of a unit that the other has done.
        let client = std::slice::from_ref(client);
        receipts += again::none_computed_after_its_receipt(client, (Final::All, &[]))?;
    }
    let checked = invariants::check(server.data())?;
    Ok(format!(
        "seed {}: {kills} kills, each with open units ({open} in all), {} jobs of 49 units golden, \
         none merged twice, {receipts} receipts and nothing computed after its receipt; {checked}",
        size.seed,
        work.jobs()
    ))
}

/// Kills, and starts again after a moment.
fn strike(
    server: &mut Server<'_>,
    clients: &mut [Client<'_>; 2],
    victim: Victim,
    chance: &mut Chance,
) -> Result<()> {
    let pause = Duration::from_millis(chance.between(0, 300));
    match victim {
        Victim::Server => {
            server.kill()?;
            sleep(pause);
            server.restart()
        }
        Victim::Client(number) => {
            clients[number].kill()?;
            sleep(pause);
            clients[number].start()
        }
        Victim::Everybody => {
            server.kill()?;
            for client in clients.iter_mut() {
                client.kill()?;
            }
            sleep(pause);
            for client in clients.iter_mut() {
                client.start()?;
            }
            server.restart()
        }
    }
}
