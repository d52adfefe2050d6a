//! A real server process, that can be stopped, killed and started again on its folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::Value;

use crate::admin::Admin;
use crate::process::{Ended, Process};
use crate::wait::until;
use crate::world::World;

/// How long a server may take to be ready, on a busy machine.
const READY_PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// The name of its logs.
const NAME: &str = "server";

/// A server on its folder; its address stays the same over restarts.
#[derive(Debug)]
pub struct Server<'w> {
    world: &'w World,
    data: PathBuf,
    address: String,
    plan: String,
    process: Option<Process>,
}

impl<'w> Server<'w> {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn start(world: &'w World, data: &Path) -> Result<Self> {
        Self::start_at(world, data, "127.0.0.1:0")
    }

    /// The same at this address.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn start_at(world: &'w World, data: &Path, address: &str) -> Result<Self> {
        let address = address.to_owned();
        let (data, plan) = (data.to_owned(), String::new());
        let mut server = Self { world, data, address, plan, process: None };
        server.restart()?;
        Ok(server)
    }

    /// Starts it again, where it was.
    ///
    /// # Errors
    /// If it runs, or does not come up.
    pub fn restart(&mut self) -> Result<()> {
        if let Some(ended) = self.try_restart()? {
            bail!("the server has ended: {ended:?}");
        }
        Ok(())
    }

    /// Starts it again, unless it ends before it is ready; then gives how.
    ///
    /// # Errors
    /// If it runs, or neither comes up nor ends.
    pub fn try_restart(&mut self) -> Result<Option<Ended>> {
        self.launch()?;
        let ready = until(READY_PATIENCE, "the server to be ready", || self.look())?;
        match ready {
            Ok(status) => {
                let address = status["address"].as_str().context("the status has no address")?;
                self.address = address.to_owned();
                Ok(None)
            }
            Err(ended) => Ok(Some(ended)),
        }
    }

    /// What its failpoints are to do, from the next start on.
    pub fn plan(&mut self, plan: &str) {
        plan.clone_into(&mut self.plan);
    }

    /// Starts it without waiting for it.
    ///
    /// # Errors
    /// If it runs, or cannot be started.
    pub fn launch(&mut self) -> Result<()> {
        if self.process.is_some() {
            bail!("the server runs already");
        }
        let mut command = self.world.planned(&self.world.binaries().server, NAME, &self.plan);
        command.arg("run").arg("--data").arg(&self.data).args(["--listen", &self.address]);
        self.process = Some(Process::start(command, &self.world.log(NAME))?);
        Ok(())
    }

    /// Its status, if it answers; or how it has ended.
    fn look(&mut self) -> Result<Option<std::result::Result<Value, Ended>>> {
        if let Some(ended) = self.ended()? {
            return Ok(Some(Err(ended)));
        }
        let answer = self.admin().ask(&["--json", "status"])?;
        if answer.code() != Some(0) {
            return Ok(None);
        }
        Ok(answer.out.lines().last().and_then(|line| serde_json::from_str(line).ok()).map(Ok))
    }

    /// How it has ended, if it ran and has; it can be started again then.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn ended(&mut self) -> Result<Option<Ended>> {
        let Some(process) = &mut self.process else { return Ok(None) };
        let ended = process.ended()?;
        if ended.is_some() {
            self.process = None;
        }
        Ok(ended)
    }

    /// Whether it was started and has not been seen to end.
    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// Where it runs.
    pub fn world(&self) -> &'w World {
        self.world
    }

    /// Where clients reach it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its admin, on its machine.
    pub fn admin(&self) -> Admin<'w> {
        Admin::local(self.world, &self.data)
    }

    /// Its process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().context("the server does not run")
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.process()?.kill()?;
        self.process = None;
        Ok(())
    }

    /// Stops it as an operator does.
    ///
    /// # Errors
    /// If it does not end in time or not with code 0.
    pub fn stop(&mut self) -> Result<()> {
        let ended = self.try_stop()?;
        if ended != Ended::Code(0) {
            bail!("the server ended with {ended:?}");
        }
        Ok(())
    }

    /// The same, however it ends.
    ///
    /// # Errors
    /// If it does not end in time.
    pub fn try_stop(&mut self) -> Result<Ended> {
        if let Some(ended) = self.ended()? {
            return Ok(ended);
        }
        let process = self.process()?;
        process.signal(Signal::TERM)?;
        let ended = process.wait(STOP_PATIENCE)?;
        self.process = None;
        Ok(ended)
    }
}
