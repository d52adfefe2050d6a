//! A data folder, and the program on it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a test waits for what has to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that vanishes, with one client's data in it.
#[derive(Debug)]
pub(crate) struct Place {
    dir: TempDir,
    log: Arc<Log>,
}

/// What all runs of a client have logged.
#[derive(Debug, Default)]
struct Log {
    text: Mutex<String>,
    grown: Notify,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), log: Arc::default() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The client's folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// What the client has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.text.lock().unwrap().clone()
    }

    /// Waits until the client has logged these words so often.
    pub(crate) async fn logged(&self, words: &str, times: usize) {
        let wait = async {
            loop {
                let grown = self.log.grown.notified();
                if self.log().matches(words).count() >= times {
                    return;
                }
                grown.await;
            }
        };
        let waited = timeout(PATIENCE, wait).await;
        assert!(waited.is_ok(), "waited in vain for {words:?}: {}", self.log());
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner-client"));
        command.args(words).arg("--data").arg(self.data());
        command.current_dir(self.dir.path()).env_clear().env("GLEANER_LOG", "debug");
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, beside the test.
    pub(crate) async fn ask(&self, words: &[&str]) -> Ran {
        let mut command = self.command(words);
        let run = tokio::task::spawn_blocking(move || command.output());
        Ran::from(timeout(PATIENCE, run).await.unwrap().unwrap().unwrap())
    }

    /// The same with a file as standard input.
    pub(crate) async fn ask_with(&self, input: &Path, words: &[&str]) -> Ran {
        let mut command = self.command(words);
        command.stdin(File::open(input).unwrap());
        let run = tokio::task::spawn_blocking(move || command.output());
        Ran::from(timeout(PATIENCE, run).await.unwrap().unwrap().unwrap())
    }

    /// Starts `run`.
    pub(crate) fn run(&self, flags: &[&str]) -> Running {
        let mut command = self.command(&[&["run"], flags].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (lines, log) = (BufReader::new(child.stderr.take().unwrap()), self.log.clone());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut text = log.text.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
                drop(text);
                log.grown.notify_waiters();
            }
        });
        Running { child: Some(child) }
    }
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), out: text(stdout), err: text(stderr) }
    }
}

impl Ran {
    /// It failed with this code and said what, why and what to do.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, says: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in ["error: ", "\n  why: ", "\n   do: ", says] {
            assert!(self.err.contains(part), "{part:?} is not in {}", self.err);
        }
    }
}

/// A running client, killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Option<Child>,
}

impl Running {
    /// Asks it to stop, as its owner does.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for its end; its exit code.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        let pid = Pid::from_child(&child);
        let wait = tokio::task::spawn_blocking(move || child.wait());
        let Ok(status) = timeout(PATIENCE, wait).await else {
            kill_process(pid, Signal::KILL).unwrap();
            panic!("the client does not end");
        };
        status.unwrap().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Both fail only if it is gone already.
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}
