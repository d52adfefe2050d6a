//! Acceptance 9: what an idle server and an idle client cost.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{Client, Server, World, resident_bytes_of_all};

/// Resident memory of an idle server at most.
const SERVER_BYTES_MAX: u64 = 40 * 1024 * 1024;
/// Resident memory of an idle client at most.
const CLIENT_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Measures both after they have been idle for a while.
///
/// # Errors
/// If one has more than it should.
pub fn prove(world: &World, idle: Duration) -> Result<String> {
    let mut server = Server::start(world, &world.path("server"))?;
    let invite = server.admin().invite(&["--trusted"])?;
    let mut client = Client::join(world, "client", &invite)?;
    client.start()?;
    sleep(idle);
    // A crew that a client has left counts too.
    let resident = |pid| resident_bytes_of_all(pid).context("the process is gone");
    let (ours, theirs) = (resident(server.process()?.id())?, resident(client.process()?.id())?);
    let line = format!(
        "idle for {} s: server {:.1} MB, client {:.1} MB resident",
        idle.as_secs(),
        megabytes(ours),
        megabytes(theirs)
    );
    ensure!(ours <= SERVER_BYTES_MAX && theirs <= CLIENT_BYTES_MAX, "too much: {line}");
    Ok(line)
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
