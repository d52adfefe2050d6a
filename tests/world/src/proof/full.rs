//! Acceptance 7, second half: a full disk pauses, says so, loses nothing, and work resumes.

use std::time::Duration;

use anyhow::{Context, Result};

use super::Workload;
use crate::{Client, Disk, Golden, Server, World, until};

/// How long until a full disk is noticed.
const NOTICE: Duration = Duration::from_secs(60);

/// Fills the server's disk in the middle, makes room again; none if this machine cannot.
///
/// # Errors
/// If the server does not say so, dies, or a result differs.
pub fn prove_server(world: &World, golden: &Golden, rounds: u32) -> Result<Option<String>> {
    let Some(disk) = Disk::small(&world.path("server-disk"), 64)? else { return Ok(None) };
    let mut server = Server::start(world, &disk.path().join("data"))?;
    let invite = server.admin().invite(&["--trusted"])?;
    let mut client = Client::join(world, "client", &invite)?;
    let mut work = Workload::new(world, golden, server.admin(), rounds)?;
    work.submit()?;
    client.start()?;
    until(NOTICE, "the first merge", || {
        Ok(work.standing()?.filter(|standing| standing.merged > 0))
    })?;
    let filler = disk.fill()?;
    let said = until(NOTICE, "the server to say that it is paused", || {
        server.process()?.expect_alive()?;
        let status = server.admin().json(&["status"])?;
        Ok(status["paused"].as_str().map(str::to_owned))
    })?;
    let merged = work.standing()?.context("a full server does not answer")?.merged;
    client.process()?.expect_alive()?;
    drop(filler);
    until(NOTICE, "the server to go on", || {
        Ok(server.admin().json(&["status"])?["paused"].is_null().then_some(()))
    })?;
    work.finish()?;
    client.stop()?;
    server.stop()?;
    Ok(Some(format!("server's disk full at {merged} units: said {said:?}; then golden")))
}

/// Fills the client's disk in the middle, makes room again; none if this machine cannot.
///
/// # Errors
/// If the client does not say so, dies, or a result differs.
pub fn prove_client(world: &World, golden: &Golden, rounds: u32) -> Result<Option<String>> {
    let Some(disk) = Disk::small(&world.path("client-disk"), 24)? else { return Ok(None) };
    let mut server = Server::start(world, &world.path("server"))?;
    let invite = server.admin().invite(&["--trusted"])?;
    let mut client = Client::join_in(world, "client", &disk.path().join("data"), &invite)?;
    let mut work = Workload::new(world, golden, server.admin(), rounds)?;
    work.submit()?;
    client.start()?;
    until(NOTICE, "the first merge", || {
        Ok(work.standing()?.filter(|standing| standing.merged > 0))
    })?;
    let filler = disk.fill()?;
    let said = until(NOTICE, "the client to say that its disk is full", || {
        client.process()?.expect_alive()?;
        let said = client.said();
        Ok(said.lines().find(|line| line.contains("full")).map(str::to_owned))
    })?;
    drop(filler);
    work.finish()?;
    client.stop()?;
    server.stop()?;
    Ok(Some(format!("client's disk full: said {said:?}; then golden")))
}
