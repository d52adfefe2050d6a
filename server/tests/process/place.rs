//! A folder that vanishes, and servers on it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Longer than any promise: a hanging process is a failed test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A place for servers.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder for the test") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the server, without the surroundings of the test.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner-server"));
        command.args(words).env_remove("GLEANER_DATA").env_remove("GLEANER_LOG");
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// What a command that ends by itself says.
    pub(crate) fn said(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the server can be started")
    }

    /// A server that is ready, on `data`, with some more words.
    pub(crate) fn server(&self, listen: &str, more: &[&str]) -> Running {
        let words = ["run", "--data", "data", "--json", "--listen", listen];
        let mut command = self.command(&[&words[..], more].concat());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the pipe can be read");
        let ready = serde_json::from_str(&line).expect("one JSON object");
        Running { child, ready }
    }
}

/// A server that serves; killed when it goes.
pub(crate) struct Running {
    child: Child,
    /// The object that it wrote when it was ready.
    pub(crate) ready: Value,
}

impl Running {
    pub(crate) fn address(&self) -> String {
        self.ready["address"].as_str().expect("an address").to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a number");
        kill_process(pid, signal).expect("the process is there");
    }

    /// Its exit code and how long it took; none if it was killed.
    pub(crate) fn ended(mut self) -> (Option<i32>, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return (status.code(), start.elapsed());
            }
            assert!(start.elapsed() < PATIENCE, "the server does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// An error in three lines on standard error, and nothing on standard output.
pub(crate) fn check_told(output: &Output, code: i32, why: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(output.stdout.is_empty(), "{text}");
    let told: Vec<_> = text.lines().rev().take(3).collect();
    let [act, reason, what] = told[..] else { panic!("{text}") };
    assert!(what.starts_with("error: "), "{text}");
    assert!(reason.starts_with("  why: ") && reason.contains(why), "{text}");
    assert!(act.starts_with("   do: "), "{text}");
}
