//! The crew: a process that computes units, so that an app that aborts, takes all memory or never
//! ends does not end the client. Started when there is work, ended when there is none for long.
//!
//! It is this program with the command [`COMMAND`]. When the client is gone, its standard input
//! ends, and the crew with it; so no crew outlives its client by more than a moment.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gleaner_shared::limits::COMPUTE_LOOK;

use super::death::Death;
use super::outcome::Outcome;
use super::pipe::{self, Ask, Errand, Say};
use super::task::Void;
use super::words::Words;
use crate::disk::folder::Folder;
use crate::talk::span;

/// The command of the process.
pub(crate) const COMMAND: &str = "crew";

/// How crews are started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
    folder: Folder,
    memory: u64,
}

impl Program {
    /// This process's own program, on a data folder, with so many bytes of memory.
    pub(crate) fn own(folder: &Folder, memory: u64) -> Self {
        // On Linux this is the program that runs, even if its file was replaced meanwhile.
        let own = PathBuf::from("/proc/self/exe");
        let own = if own.exists() { Ok(own) } else { std::env::current_exe() };
        Self { path: own.unwrap_or_default(), folder: folder.clone(), memory }
    }

    /// Another program.
    #[cfg(test)]
    pub(crate) fn with(path: PathBuf, folder: &Folder) -> Self {
        Self { path, folder: folder.clone(), memory: 0 }
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.path)
            .args([COMMAND, "--memory", &self.memory.to_string(), "--data"])
            .arg(self.folder.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C is for the client, which lets its units end in peace.
            .process_group(0)
            .spawn()
    }
}

/// Why nothing came of a unit that was given to a crew.
#[derive(Debug)]
pub(crate) enum Lost {
    /// There is no process.
    Unstarted(io::Error),
    /// The process had to end, for the sake of another unit or because it was asked to.
    Interrupted,
    /// The process died.
    Died(Death),
}

type Answer = Result<Outcome, Lost>;

/// A process, or none.
#[derive(Debug)]
pub(crate) struct Crew {
    program: Program,
    alive: Mutex<Option<Arc<Alive>>>,
}

/// A process that is there.
#[derive(Debug)]
struct Alive {
    memory: u64,
    /// None once it was asked to end.
    input: Mutex<Option<ChildStdin>>,
    waits: Mutex<Waits>,
}

/// Who waits for what it says.
#[derive(Debug, Default)]
struct Waits {
    last: u64,
    open: BTreeMap<u64, Wait>,
    end: End,
}

/// How far a process is.
#[derive(Clone, Debug, Default)]
enum End {
    /// It works.
    #[default]
    NotYet,
    /// It has ended, as it was asked to or for the sake of a unit that is dealt with.
    InPeace,
    /// It has died.
    Died(Death),
}

impl End {
    /// What it is for a unit; `had_begun` if its documents had been begun.
    fn lost(&self, had_begun: bool) -> Lost {
        match self {
            Self::NotYet | Self::InPeace => Lost::Interrupted,
            Self::Died(death) => Lost::Died(Death { had_begun, ..death.clone() }),
        }
    }
}

#[derive(Debug)]
struct Wait {
    answer: SyncSender<Answer>,
    had_begun: bool,
}

impl Crew {
    /// No process yet.
    pub(crate) fn new(program: Program) -> Self {
        Self { program, alive: Mutex::default() }
    }

    /// Has a unit computed, and waits for what comes of it.
    ///
    /// # Errors
    /// Nothing came of it.
    pub(crate) fn perform(&self, errand: Errand, void: &Void) -> Answer {
        let alive = self.alive().map_err(Lost::Unstarted)?;
        let (number, answer) = alive.ask(errand)?;
        let mut is_told = false;
        loop {
            match answer.recv_timeout(span(COMPUTE_LOOK)) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(Lost::Interrupted),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if void.is_set() && !is_told {
                is_told = true;
                alive.say(&Ask::Void(number));
            }
        }
    }

    /// Ends the process, if there is one; the next unit starts another.
    pub(crate) fn rest(&self) {
        if let Some(alive) = lock(&self.alive).take() {
            drop(lock(&alive.input).take());
        }
    }

    fn alive(&self) -> io::Result<Arc<Alive>> {
        let mut alive = lock(&self.alive);
        if let Some(alive) = &*alive
            && matches!(lock(&alive.waits).end, End::NotYet)
        {
            return Ok(alive.clone());
        }
        let begun = Alive::begin(&self.program)?;
        *alive = Some(begun.clone());
        Ok(begun)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.rest();
    }
}

impl Alive {
    fn begin(program: &Program) -> io::Result<Arc<Self>> {
        let mut child = program.start()?;
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(broken)?;
        let words = Words::of(child.stderr.take().ok_or_else(broken)?)?;
        let waits = Mutex::default();
        let alive = Arc::new(Self { memory: program.memory, input: Mutex::new(input), waits });
        let own = alive.clone();
        let hear = std::thread::Builder::new().name("crew".into());
        hear.spawn(move || own.hear(child, output, words))?;
        Ok(alive)
    }

    /// Asks for a unit.
    fn ask(&self, errand: Errand) -> Result<(u64, Receiver<Answer>), Lost> {
        let (answer, receiver) = sync_channel(1);
        let number = {
            let mut waits = lock(&self.waits);
            if !matches!(waits.end, End::NotYet) {
                return Err(waits.end.lost(false));
            }
            waits.last += 1;
            let number = waits.last;
            waits.open.insert(number, Wait { answer, had_begun: false });
            number
        };
        self.say(&Ask::Unit(number, Box::new(errand)));
        Ok((number, receiver))
    }

    /// If it cannot be said, the process is over, and who waits is told so.
    fn say(&self, ask: &Ask) {
        if let Some(input) = &mut *lock(&self.input) {
            let _over = pipe::write(input, ask, &[]);
        }
    }

    /// Hears what the process says until it has said all.
    fn hear(&self, mut child: Child, mut output: ChildStdout, words: Words) {
        let mut in_peace = false;
        while let Ok(Some(say)) = pipe::read(&mut output) {
            match say {
                Say::Begun(number) => {
                    if let Some(wait) = lock(&self.waits).open.get_mut(&number) {
                        wait.had_begun = true;
                    }
                }
                Say::Made(number, told, len) => {
                    let Ok(packed) = pipe::read_after(&mut output, len) else { break };
                    self.answer(number, Ok(told.outcome(packed)));
                }
                Say::Ends => in_peace = true,
            }
        }
        // Dead or dumb: it is of no more use.
        let _dead = child.kill();
        let status = child.wait();
        in_peace |= lock(&self.input).is_none();
        let (last_words, memory) = (words.last(), self.memory);
        let end = match status {
            Ok(status) if !in_peace => {
                End::Died(Death { status, had_begun: false, last_words, memory })
            }
            _ => End::InPeace,
        };
        if let End::Died(Death { status, last_words, .. }) = &end {
            tracing::warn!("a crew died ({status}); the client goes on: {last_words}");
        }
        let waits = {
            let mut waits = lock(&self.waits);
            waits.end = end.clone();
            std::mem::take(&mut waits.open)
        };
        for wait in waits.into_values() {
            // Who waited may be gone.
            let _gone = wait.answer.send(Err(end.lost(wait.had_begun)));
        }
    }

    fn answer(&self, number: u64, answer: Answer) {
        let wait = lock(&self.waits).open.remove(&number);
        if let Some(wait) = wait {
            let _gone = wait.answer.send(answer);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in these locks can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
