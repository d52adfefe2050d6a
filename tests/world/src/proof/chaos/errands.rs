//! What people do beside: corpora are added and hosts join, cut off at any moment. In the end each is
//! done again until it is done.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::process::{Ended, Process};
use crate::{Admin, Chance, Golden, World, until};

/// How often a new one begins.
const EVERY: Duration = Duration::from_millis(1_500);
/// How long one may take that nobody cuts off.
const PATIENCE: Duration = Duration::from_secs(60);
/// Documents of the corpora that are added.
const SLICE_BYTES: &str = "16384";

/// A command that somebody gave.
#[derive(Debug)]
struct Errand {
    program: PathBuf,
    words: Vec<String>,
    running: Option<(Process, Option<Instant>)>,
    done: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Errands<'w> {
    world: &'w World,
    admin: Admin<'w>,
    paths: Vec<String>,
    invite: String,
    all: Vec<Errand>,
    corpora: usize,
    next: Instant,
}

impl<'w> Errands<'w> {
    pub(super) fn new(world: &'w World, golden: &Golden, admin: Admin<'w>) -> Result<Self> {
        let invite = admin.invite(&["--trusted", "--uses", "500"])?;
        let (paths, next) = (golden.documents(), Instant::now());
        Ok(Self { world, admin, paths, invite, all: Vec::new(), corpora: 0, next })
    }

    /// Begins another when it is time, and cuts off those whose time has come.
    pub(super) fn tick(&mut self, chance: &mut Chance) -> Result<()> {
        for errand in &mut self.all {
            errand.look()?;
        }
        if Instant::now() >= self.next {
            self.next = Instant::now() + EVERY;
            let mut errand = self.another(chance);
            let cut = chance.between(0, 1) == 0;
            let cut = cut.then(|| Instant::now() + Duration::from_millis(chance.between(1, 150)));
            errand.start(self.world, cut)?;
            self.all.push(errand);
        }
        Ok(())
    }

    fn another(&mut self, chance: &mut Chance) -> Errand {
        let number = self.all.len();
        let (program, words) = if chance.between(0, 1) == 0 {
            let name = format!("extra-{}", self.corpora);
            self.corpora += 1;
            let mut words: Vec<String> = self.admin.reach().to_vec();
            let flags = ["corpus", "add", &name, "--slice-bytes", SLICE_BYTES];
            words.extend(flags.map(str::to_owned));
            words.extend(self.paths.iter().cloned());
            (self.world.binaries().admin.clone(), words)
        } else {
            let name = format!("guest-{number}");
            let data = self.world.path(&name).display().to_string();
            let words = ["join", &self.invite, "--name", &name, "--data", &data];
            (self.world.binaries().client.clone(), words.map(str::to_owned).into())
        };
        Errand { program, words, running: None, done: false }
    }

    /// Does again what was not done; no faults any more.
    pub(super) fn finish(&mut self) -> Result<()> {
        for errand in &mut self.all {
            errand.wait()?;
            if !errand.done {
                errand.start(self.world, None)?;
                errand.wait()?;
                ensure!(errand.done, "{:?} does not end well", errand.words);
            }
        }
        let mut digests = Vec::new();
        for number in 0..self.corpora {
            let name = format!("extra-{number}");
            let corpus = self.admin.json(&["corpus", "show", &name])?;
            digests.push(corpus["digest"].to_string());
            ensure!(corpus["digest"].is_string(), "corpus {name} has no digest: {corpus}");
        }
        digests.dedup();
        ensure!(digests.len() <= 1, "the same documents have several digests: {digests:?}");
        Ok(())
    }

    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }
}

impl Errand {
    fn start(&mut self, world: &World, cut: Option<Instant>) -> Result<()> {
        let mut command = world.command(&self.program);
        command.args(&self.words);
        self.running = Some((Process::start(command, &world.log("errand"))?, cut));
        Ok(())
    }

    fn look(&mut self) -> Result<()> {
        let Some((process, cut)) = &mut self.running else { return Ok(()) };
        let ended = match process.ended()? {
            None if cut.is_some_and(|at| at <= Instant::now()) => Some(process.kill()?),
            ended => ended,
        };
        if let Some(ended) = ended {
            self.done |= ended == Ended::Code(0);
            self.running = None;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<()> {
        until(PATIENCE, "an errand to end", || {
            self.look()?;
            Ok(self.running.is_none().then_some(()))
        })
    }
}
