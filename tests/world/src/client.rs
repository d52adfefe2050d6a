//! A real client process on its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::Value;

use crate::admin::{Answer, run};
use crate::process::{Ended, Process};
use crate::world::World;

/// How long joining may take before it has to have failed.
const JOIN_PATIENCE: Duration = Duration::from_secs(30);
/// How long a client may take to hand back its leases (design: client), and to be seen gone.
const STOP_PATIENCE: Duration = Duration::from_secs(6);

/// A client on its folder.
#[derive(Debug)]
pub struct Client<'w> {
    world: &'w World,
    name: String,
    data: PathBuf,
    threads: u16,
    plan: String,
    process: Option<Process>,
}

impl<'w> Client<'w> {
    /// Joins a server with an invite; the client's name is that of its folder and its logs.
    ///
    /// # Errors
    /// If it is not let in.
    pub fn join(world: &'w World, name: &str, invite: &str) -> Result<Self> {
        Self::join_in(world, name, &world.path(name), invite)
    }

    /// The same with another folder.
    ///
    /// # Errors
    /// If it is not let in.
    pub fn join_in(world: &'w World, name: &str, data: &Path, invite: &str) -> Result<Self> {
        let client = Self { data: data.to_owned(), ..Self::stranger(world, name) };
        let answer = client.try_join(invite)?;
        if answer.code() != Some(0) {
            bail!("{name} cannot join: {:?}\n{}", answer.ended, answer.err);
        }
        Ok(client)
    }

    /// A client that has not joined.
    pub fn stranger(world: &'w World, name: &str) -> Self {
        let (data, name, plan) = (world.path(name), name.to_owned(), String::new());
        Self { world, name, data, threads: 1, plan, process: None }
    }

    /// Tries to join.
    ///
    /// # Errors
    /// If the command hangs.
    pub fn try_join(&self, invite: &str) -> Result<Answer> {
        self.ask(&["join", invite, "--name", &self.name])
    }

    /// Runs a command of the client on its folder.
    ///
    /// # Errors
    /// If the command hangs.
    pub fn ask(&self, words: &[&str]) -> Result<Answer> {
        let data = self.data.display().to_string();
        let words = [words, &["--data", &data]].concat();
        run(self.world, &self.world.binaries().client, &words, JOIN_PATIENCE)
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// If it does not say.
    pub fn status(&self) -> Result<Value> {
        let answer = self.ask(&["status", "--json"])?;
        serde_json::from_str(&answer.out).with_context(|| format!("status of {}", self.name))
    }

    /// How many threads it computes with, from the next start on.
    pub fn threads(mut self, threads: u16) -> Self {
        self.threads = threads;
        self
    }

    /// Starts computing.
    ///
    /// # Errors
    /// If it runs already, or cannot be started.
    pub fn start(&mut self) -> Result<()> {
        self.start_with(&[])
    }

    /// The same with more flags.
    ///
    /// # Errors
    /// If it runs already, or cannot be started.
    pub fn start_with(&mut self, flags: &[&str]) -> Result<()> {
        if self.process.is_some() {
            bail!("client {} runs already", self.name);
        }
        let program = &self.world.binaries().client;
        let mut command = self.world.planned(program, &self.name, &self.plan);
        command.arg("run").arg("--data").arg(&self.data);
        command.args(["--threads", &self.threads.to_string()]).args(flags);
        // Its words about each result are what a proof reads.
        command.env("GLEANER_LOG", "info,gleaner_client=debug");
        self.process = Some(Process::start(command, &self.world.log(&self.name))?);
        Ok(())
    }

    /// What its failpoints are to do, from the next start on.
    pub fn plan(&mut self, plan: &str) {
        plan.clone_into(&mut self.plan);
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

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().with_context(|| format!("client {} does not run", self.name))
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

    /// Stops it as its owner does.
    ///
    /// # Errors
    /// If it does not end in time or not with code 0.
    pub fn stop(&mut self) -> Result<()> {
        let ended = self.try_stop()?;
        if ended != Ended::Code(0) {
            bail!("client {} ended with {ended:?}", self.name);
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

    /// All that it has logged, over all of its runs.
    pub fn said(&self) -> String {
        let logs = self.world.logs_of(&self.name);
        logs.iter()
            .map(|log| String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned())
            .collect()
    }
}
