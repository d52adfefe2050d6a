//! Everything at once: failpoints, signals, frozen processes, full disks, and people who cut their
//! commands off; from a seed. In the end the golden bytes and all invariants.
//!
//! Decisions come from the seed; real processes do not repeat to the millisecond.

use std::collections::BTreeSet;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gleaner_tidy::{Failpoint, Tree, failpoints};

use self::errands::Errands;
use self::site::{STRIKES, Site};
use super::again::Final;
use super::{Workload, again};
use crate::{Chance, Golden, World, invariants, panics, root, until};

mod actor;
mod deck;
mod errands;
mod site;
mod tally;

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// For how long faults are made, at most twice as long until there are enough.
    pub time: Duration,
    /// Faults that have to hit open units.
    pub faults: u64,
    /// Decides what is done when.
    pub seed: u64,
    /// Rounds of work for each document.
    pub rounds: u32,
}

/// Own clients, of whom each settles units alone.
const OWN: [&str; 2] = ["ada", "grace"];
/// Volunteers, who have to agree.
/// Three: when an app is made to panic at one, two others can agree.
const VOLUNTEERS: [&str; 3] = ["vera", "viktor", "violet"];
/// The share of time that own clients have, in percent.
const OWN_PERCENT: u32 = 60;
/// One strike in so many looks.
const STRIKE_ODDS: u64 = 4;
/// An app that panics at each document.
const FAILING: &str = "client.app.document=panic@1x1000";
/// How long such a unit may take until a document is alone.
const FAILURE_PATIENCE: Duration = Duration::from_secs(30);
/// How long clients may take to deliver what they have when all is well again.
const DELIVERY_PATIENCE: Duration = Duration::from_secs(60);

/// Makes faults, then lets all finish and looks at everything.
///
/// # Errors
/// If anything is lost, done twice or different, or a program does what it should not.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<String> {
    let points = failpoints(&Tree::read(&root())?);
    let mut chance = Chance::new(size.seed);
    let mut site = Site::begin(world, &points, &mut chance)?;
    site.join(world, (&OWN, &["--trusted"]), &points, &mut chance)?;
    site.join(world, (&VOLUNTEERS, &[]), &points, &mut chance)?;
    let admin = site.server.admin();
    let mut run = Run {
        work: Workload::new(world, golden, admin.clone(), size.rounds)?,
        errands: Errands::new(world, golden, admin)?,
        site,
        chance,
    };
    let ended = run.all(size);
    let ended = ended.with_context(|| format!("seed {}: {}", size.seed, run.site.tally))?;
    let (reached, killed) = run.site.reached();
    let missed = missed(&points, &reached);
    ensure!(missed.is_empty(), "these failpoints were never reached: {missed:?}");
    let killed: BTreeSet<String> = killed.into_iter().collect();
    ensure!(run.site.tally.counted() >= size.faults, "too few faults: {}", run.site.tally);
    Ok(format!(
        "seed {}: {}; died at {} of {} points; {} jobs of 49 units golden, {} errands done; {ended}",
        size.seed,
        run.site.tally,
        killed.len(),
        points.len(),
        run.work.jobs(),
        run.errands.count()
    ))
}

/// A run.
struct Run<'w> {
    work: Workload<'w>,
    errands: Errands<'w>,
    site: Site<'w>,
    chance: Chance,
}

impl Run<'_> {
    fn all(&mut self, size: Size) -> Result<String> {
        let own = size.time * OWN_PERCENT / 100;
        self.rehearse()?;
        self.phase((&[0, 1], 1), own, size.faults * u64::from(OWN_PERCENT) / 100)?;
        self.phase((&[2, 3, 4], 2), size.time - own, size.faults)?;
        self.end()
    }

    /// What chance may not bring in a short run: an app that panics at one client, until a document
    /// has failed alone; a server that stops with a session; a retry.
    fn rehearse(&mut self) -> Result<()> {
        let ada = &mut self.site.clients[0].0;
        ada.plan(FAILING);
        ada.start()?;
        self.work.offer(1)?;
        until(FAILURE_PATIENCE, "a document to fail alone", || {
            Ok(self.work.standing()?.filter(|standing| standing.failed > 0))
        })?;
        self.site.server.stop()?;
        self.site.server.restart()?;
        self.site.clients[0].0.stop()?;
        self.work.retry_first()
    }

    /// Faults while these clients work on jobs with so many copies; then all jobs finish.
    fn phase(
        &mut self,
        (running, copies): (&[usize], u8),
        time: Duration,
        faults: u64,
    ) -> Result<()> {
        let begun = Instant::now();
        self.site.arm();
        while begun.elapsed() < time
            || (self.site.tally.counted() < faults && begun.elapsed() < 2 * time)
        {
            self.site.hear()?;
            self.site.raise(running, &mut self.chance)?;
            self.errands.tick(&mut self.chance)?;
            sleep(Duration::from_millis(self.chance.between(0, 60)));
            let Some(standing) = self.work.standing()? else { continue };
            self.site.open = standing.leased > 0;
            if standing.open < 2 {
                self.work.offer(copies)?;
            }
            self.work.meddle(standing, &mut self.chance)?;
            if self.site.open && self.chance.between(1, STRIKE_ODDS) == 1 {
                let strike = self.chance.pick(&STRIKES);
                self.site.hear()?;
                if self.is_up(running)? {
                    self.site.strike(strike, running, &mut self.chance)?;
                }
            }
        }
        self.site.open = false;
        self.site.heal(running, &mut self.chance)?;
        self.work.settle_down()?;
        self.errands.finish()?;
        for &at in running {
            self.site.clients[at].0.stop()?;
        }
        Ok(())
    }

    /// Whether nobody has died since it was looked.
    fn is_up(&mut self, running: &[usize]) -> Result<bool> {
        let mut up = self.site.server.process()?.ended()?.is_none();
        for &at in running {
            up &= self.site.clients[at].0.process()?.ended()?.is_none();
        }
        Ok(up)
    }

    /// Nobody has anything left, and all that can be looked at is right.
    fn end(&mut self) -> Result<String> {
        for (client, _) in &mut self.site.clients {
            client.start()?;
        }
        until(DELIVERY_PATIENCE, "all results to be delivered", || {
            let mut left = 0;
            for (client, _) in &self.site.clients {
                left += files(&client.data().join("spool"), "result")?;
            }
            Ok((left == 0).then_some(()))
        })?;
        self.work.finish()?;
        let mut receipts = 0;
        for (at, (client, _)) in self.site.clients.iter_mut().enumerate() {
            let last = if at < OWN.len() { Final::All } else { Final::Kept };
            client.stop()?;
            let name = client.name().to_owned();
            for (folder, ending) in
                [("spool", "result"), ("spool/damaged", "result"), ("grants", "grant")]
            {
                let left = files(&client.data().join(folder), ending)?;
                ensure!(left == 0, "{name} has {left} files left in {folder}");
            }
            // Alone: a frozen client may begin what another one was given when its lease ran out.
            let client = std::slice::from_ref(client);
            receipts += again::none_computed_after_its_receipt(client, (last, self.work.retries()))
                .context(name)?;
        }
        self.site.server.stop()?;
        panics::none_but_injected(self.site.server.world())?;
        let checked = invariants::check(self.site.server.data())?;
        Ok(format!("{receipts} receipts, nothing computed after its own; {checked}"))
    }
}

fn missed(points: &[Failpoint], reached: &[String]) -> Vec<String> {
    let names = points.iter().map(|point| &point.name);
    names.filter(|name| !reached.contains(name)).cloned().collect()
}

/// Files of a folder with that ending.
fn files(folder: &std::path::Path, ending: &str) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        count += usize::from(entry?.path().extension().is_some_and(|it| it == ending));
    }
    Ok(count)
}
