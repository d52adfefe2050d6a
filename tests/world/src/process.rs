//! One process of ours: its output goes to a file, and it never outlives its owner.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::tail::tail;
use crate::wait::until;

/// A running process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or(0)),
        }
    }
}

impl Process {
    /// Starts it; both of its outputs go to `log`.
    ///
    /// # Errors
    /// If the log cannot be made or the program not be started.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("log {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("{command:?} does not start"))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file with its output.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn ended(&mut self) -> Result<Option<Ended>> {
        Ok(self.child.try_wait()?.map(Ended::from))
    }

    /// Fails with the end of its log if it has ended.
    ///
    /// # Errors
    /// If it has ended.
    pub fn expect_alive(&mut self) -> Result<()> {
        if let Some(ended) = self.ended()? {
            bail!("it has ended: {ended:?}\n{}", tail(&self.log, 15));
        }
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// If it is gone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).with_context(|| format!("{signal:?} to process {}", self.id()))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it does not end within the patience.
    pub fn wait(&mut self, patience: Duration) -> Result<Ended> {
        let what = format!("process {} to end", self.id());
        let waited = until(patience, &what, || self.ended());
        waited.with_context(|| tail(&self.log, 15))
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(&mut self) -> Result<Ended> {
        self.child.kill()?;
        Ok(self.child.wait()?.into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
