//! The admin command line, asked as a person would ask it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::memory;
use crate::process::{Ended, Process};
use crate::tail::tail;
use crate::wait::until;
use crate::world::World;

/// How long a command may take that does not wait for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// The admin of one server.
#[derive(Clone, Debug)]
pub struct Admin<'w> {
    world: &'w World,
    /// How the server is found: `--data DIR` or `--server NAME`, or nothing.
    reach: Vec<String>,
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it ended.
    pub ended: Ended,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    /// How long it took.
    pub took: Duration,
    /// The most memory that it was seen to have.
    pub peak_bytes: u64,
}

impl Answer {
    /// The exit code; none if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        match self.ended {
            Ended::Code(code) => Some(code),
            Ended::Signal(_) => None,
        }
    }
}

impl<'w> Admin<'w> {
    /// On the server's machine.
    pub fn local(world: &'w World, data: &Path) -> Self {
        Self { world, reach: vec!["--data".into(), data.display().to_string()] }
    }

    /// From elsewhere, after `login`.
    pub fn remote(world: &'w World, name: &str) -> Self {
        Self { world, reach: vec!["--server".into(), name.into()] }
    }

    /// Who knows no server yet.
    pub fn nowhere(world: &'w World) -> Self {
        Self { world, reach: Vec::new() }
    }

    /// How it finds the server, in words before a command.
    pub(crate) fn reach(&self) -> &[String] {
        &self.reach
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// If it does not end in time.
    pub fn ask(&self, words: &[&str]) -> Result<Answer> {
        self.ask_within(PATIENCE, words)
    }

    /// The same, with another patience.
    ///
    /// # Errors
    /// If it does not end in time.
    pub fn ask_within(&self, patience: Duration, words: &[&str]) -> Result<Answer> {
        let reach: Vec<&str> = self.reach.iter().map(String::as_str).collect();
        run(self.world, &self.world.binaries().admin, &[&reach, words].concat(), patience)
    }

    /// Runs a command that has to succeed, and gives its output.
    ///
    /// # Errors
    /// If it fails; with what it said.
    pub fn tell(&self, words: &[&str]) -> Result<String> {
        done(self.ask(words)?, words)
    }

    /// The same for commands that wait.
    ///
    /// # Errors
    /// If it fails; with what it said.
    pub fn tell_within(&self, patience: Duration, words: &[&str]) -> Result<String> {
        done(self.ask_within(patience, words)?, words)
    }

    /// Runs a command with `--json` that has to succeed, and gives the last object.
    ///
    /// # Errors
    /// If it fails or prints no JSON.
    pub fn json(&self, words: &[&str]) -> Result<Value> {
        let out = self.tell(&[&["--json"], words].concat())?;
        let line = out.lines().last().with_context(|| format!("{words:?} says nothing"))?;
        serde_json::from_str(line).with_context(|| format!("{words:?} says {line}"))
    }

    /// A new invite.
    ///
    /// # Errors
    /// If there is none, or more is printed than it.
    pub fn invite(&self, words: &[&str]) -> Result<String> {
        let out = self.tell(&[&["invite", "create"], words].concat())?;
        match out.split_whitespace().collect::<Vec<_>>()[..] {
            [invite] => Ok(invite.trim_matches('\'').to_owned()),
            _ => bail!("`invite create` printed {out:?}, which is not an invite alone"),
        }
    }

    /// Waits until a job has ended well.
    ///
    /// # Errors
    /// If it does not end in time, or units failed.
    pub fn wait(&self, job: &str, patience: Duration) -> Result<()> {
        let limit = format!("{}s", patience.as_secs());
        let words = ["job", "wait", job, "--timeout", &limit];
        let waited = self.tell_within(patience + Duration::from_secs(30), &words);
        waited.with_context(|| {
            self.ask(&["job", "why", job]).map_or_else(|_| String::new(), |a| a.out)
        })?;
        Ok(())
    }

    /// Exports a job's files in the bytes of the spec.
    ///
    /// # Errors
    /// If it fails.
    pub fn export(&self, job: &str, to: &Path) -> Result<()> {
        let to = to.display().to_string();
        self.tell(&["result", "export", job, "--to", &to, "--format", "tsv"])?;
        Ok(())
    }
}

/// Runs a program to its end, outputs apart.
pub(crate) fn run(
    world: &World,
    program: &Path,
    words: &[&str],
    patience: Duration,
) -> Result<Answer> {
    let name = words.iter().find(|word| !word.starts_with('-') && !word.contains('/'));
    let err: PathBuf = world.log(&format!("{}-err", name.unwrap_or(&"command")));
    let out = err.with_extension("out");
    let mut command = world.command(Path::new("/bin/sh"));
    // The shell gives each output its own file and then becomes the program.
    command.args(["-c", "exec \"$0\" \"$@\" >\"$GLEANER_OUT\""]).env("GLEANER_OUT", &out);
    command.arg(program).args(words);
    let start = Instant::now();
    let mut process = Process::start(command, &err)?;
    let mut peak_bytes = 0;
    let ended = until(patience, "its end", || {
        peak_bytes = peak_bytes.max(memory::peak_bytes(process.id()).unwrap_or(0));
        process.ended()
    });
    let ended = ended.with_context(|| format!("{words:?} hangs\n{}", tail(&err, 15)))?;
    let took = start.elapsed();
    let read = |path: &Path| -> Result<String> {
        let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
        fs::remove_file(path)?;
        Ok(text)
    };
    Ok(Answer { ended, out: read(&out)?, err: read(&err)?, took, peak_bytes })
}

fn done(answer: Answer, words: &[&str]) -> Result<String> {
    if answer.ended != Ended::Code(0) {
        bail!("{words:?} ended with {:?}\n{}{}", answer.ended, answer.out, answer.err);
    }
    Ok(answer.out)
}
