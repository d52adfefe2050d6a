//! One world: a folder, the programs, and the logs of everything that runs in it.
//!
//! Worlds of one test program come one after the other: they measure time. When a proof fails, the
//! ends of the logs are shown and the folder stays.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use anyhow::Result;
use tempfile::TempDir;

use crate::binaries::Binaries;
use crate::tail::tail;

/// What the failpoints of a program are to do, and where they write; see `shared/failpoint`.
const PLAN: &str = "GLEANER_FAILPOINTS";
const JOURNAL: &str = "GLEANER_FAILPOINTS_JOURNAL";
/// Lines of each log that are shown after a failure.
const TAIL_LINES: usize = 25;
/// Logs that are shown after a failure, the last ones.
const TAIL_LOGS: usize = 8;

/// A place for processes.
#[derive(Debug)]
pub struct World {
    binaries: Binaries,
    folder: PathBuf,
    /// Removes the folder in the end.
    temporary: Option<TempDir>,
    logs: AtomicU32,
    /// Only one world at a time.
    _turn: MutexGuard<'static, ()>,
}

impl World {
    /// A world with the programs as tests use them.
    ///
    /// # Errors
    /// If the programs do not build or there is no place.
    pub fn new() -> Result<Self> {
        Self::with(Binaries::for_tests()?.clone())
    }

    /// A world with these programs.
    ///
    /// # Errors
    /// If there is no place.
    pub fn with(binaries: Binaries) -> Result<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let temporary = tempfile::Builder::new().prefix("gleaner-").tempdir()?;
        let folder = temporary.path().to_owned();
        fs::create_dir(folder.join("logs"))?;
        Ok(Self {
            binaries,
            folder,
            temporary: Some(temporary),
            logs: AtomicU32::new(0),
            _turn: turn,
        })
    }

    /// Proves something in a world of its own.
    ///
    /// # Errors
    /// If the proof fails; then the last logs are shown and the folder stays.
    pub fn prove<T>(proof: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let mut world = Self::new()?;
        let proved = proof(&world);
        if proved.is_err() {
            world.keep();
        }
        proved
    }

    /// Shows the last logs and keeps the folder.
    fn keep(&mut self) {
        let tails = self.tails();
        if let Some(temporary) = self.temporary.take() {
            let folder = temporary.keep();
            // Not by a macro: the test harness would catch it.
            let _closed = writeln!(
                io::stderr(),
                "the last logs of this world, which stays in {}:\n{tails}",
                folder.display()
            );
        }
    }

    /// The programs.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// A path in the world's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A program of ours, with no settings from outside.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for name in ["GLEANER_DATA", "GLEANER_HOME", "GLEANER_LOG", "RUST_LOG", PLAN, JOURNAL] {
            command.env_remove(name);
        }
        // Logins of the user are not ours.
        command.env("XDG_CONFIG_HOME", self.path("config")).env("NO_COLOR", "1");
        command
    }

    /// The same with a plan for its failpoints, and a journal of those that it reaches.
    pub(crate) fn planned(&self, program: &Path, name: &str, plan: &str) -> Command {
        let mut command = self.command(program);
        command.env(PLAN, plan).env(JOURNAL, self.journal(name));
        command
    }

    /// The file in which a program notes the failpoints that it has reached, over all of its runs.
    pub fn journal(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.journal"))
    }

    /// A new file for the output of a process.
    pub fn log(&self, name: &str) -> PathBuf {
        let number = self.logs.fetch_add(1, Ordering::Relaxed);
        self.path(&format!("logs/{number:04}-{name}"))
    }

    /// All logs whose name begins so, in the order in which they were begun.
    pub fn logs_of(&self, name: &str) -> Vec<PathBuf> {
        let mut logs: Vec<PathBuf> = self.all_logs();
        let is_of = |path: &PathBuf| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            file.split_once('-').is_some_and(|(_, rest)| rest == name)
        };
        logs.retain(is_of);
        logs
    }

    /// All logs, in the order in which they were begun.
    pub(crate) fn all_logs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("logs")).into_iter().flatten();
        let mut logs: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        logs.sort();
        logs
    }

    /// The ends of the last logs.
    pub fn tails(&self) -> String {
        let logs = self.all_logs();
        let first = logs.len().saturating_sub(TAIL_LOGS);
        logs[first..].iter().map(|log| tail(log, TAIL_LINES)).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() || env::var_os("GLEANER_KEEP").is_some() {
            self.keep();
        }
    }
}
