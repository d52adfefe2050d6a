//! A world: the storm that its plan foresees, then calm, in which everything must come to its end
//! within known times.

use std::time::Duration;

use gleaner_link::sim::{Chance, seed};
use gleaner_link::{Identity, Invite, Token};
use gleaner_shared::id::JobId;
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::{Policy, Standing};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, sleep_until};

use crate::books::{Books, Inner};
use crate::house::House;
use crate::member::Member;
use crate::network::{Net, SERVER, millis};
use crate::plan::{Act, Plan};
use crate::report::Report;
use crate::stage::{OWN, SLICES, STRANGER, Stage, folder};
use crate::witness::Mutant;

/// The job of the storm, and the one that is opened and cancelled after it.
pub(crate) const FIRST: JobId = JobId(1);
pub(crate) const SECOND: JobId = JobId(2);
/// How often a condition is looked at.
const LOOK: Duration = millis(20);

/// See the file's head.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) net: Net,
    pub(crate) books: Books,
    pub(crate) house: House,
    pub(crate) members: Vec<Member>,
    pub(crate) chance: Chance,
    pub(crate) mutant: Mutant,
    /// When it began, and the folder of all its disks.
    pub(crate) began: Instant,
    _folder: TempDir,
}

/// Why a world ended before its time.
pub(crate) type Broken = String;

impl World {
    /// A world at its beginning: nobody has joined yet. Needs a paused runtime.
    pub(crate) fn new(
        number: u64,
        mutant: Mutant,
        talk: Option<fn(&str)>,
    ) -> std::io::Result<Self> {
        let mut chance = Chance::new(number);
        let plan = Plan::draw(&mut chance);
        Self::of(plan, chance, (mutant, talk))
    }

    /// A world of that plan.
    pub(crate) fn of(
        plan: Plan,
        mut chance: Chance,
        (mutant, talk): (Mutant, Option<fn(&str)>),
    ) -> std::io::Result<Self> {
        seed(chance.number());
        let folder = folder()?;
        let server = folder.path().join("server");
        Stage::here().copy(&server)?;
        let mut members = Vec::new();
        for (index, threads) in plan.threads.iter().enumerate() {
            let identity = Identity::seeded(chance.bytes());
            let folder = folder.path().join(format!("host-{index}"));
            let (threads, pace_ms, guest) = (*threads, plan.pace_ms, None);
            members.push(Member { index, identity, folder, threads, pace_ms, guest });
        }
        let known = members.iter().map(|it| (it.identity.id(), it.folder.clone())).collect();
        let books = Books::new(chance.branch(), known, talk);
        books.open().say(&format!("{plan:#?}"));
        let net = Net::begin(chance.branch(), plan.paths.clone());
        let identity = Identity::seeded(chance.bytes());
        let house = House { identity, folder: server, mutant, chance: chance.branch(), up: None };
        let began = Instant::now();
        Ok(Self { plan, net, books, house, members, chance, mutant, began, _folder: folder })
    }

    /// Lives through it.
    pub(crate) async fn live(mut self) -> Result<Report, Broken> {
        self.join().await?;
        self.storm().await?;
        self.calm().await?;
        self.after().await?;
        Ok(self.report())
    }

    /// Everybody joins, and begins to work.
    pub(crate) async fn join(&mut self) -> Result<(), Broken> {
        self.house.start(&self.net, &self.books).await?;
        let token = if self.plan.standing == Standing::Own { OWN } else { STRANGER };
        let server = self.house.identity.id();
        let invite = Invite::new(server, &SERVER.to_string(), Token(token));
        let invite = invite.map_err(|error| error.to_string())?;
        for member in &self.members {
            member.join(&self.net, &invite).await?;
        }
        self.submit(FIRST).await?;
        for index in 0..self.members.len() {
            self.host_start(index)?;
        }
        Ok(())
    }

    /// Opens a job.
    pub(crate) async fn submit(&mut self, job: JobId) -> Result<(), Broken> {
        let copies = self.plan.copies;
        // Long: what is not freed in another way holds the job up beyond all patience here.
        let deadline = Millis::from_seconds(3_600);
        let policy = Policy { copies, deadline, ..Policy::default() };
        let insert = Stage::here().job(job);
        let up = self.house.up.as_ref().ok_or("no server for a job")?;
        match up.serving.submit(insert, policy, SLICES).await {
            true => Ok(()),
            false => Err(format!("job {job} is not kept")),
        }
    }

    async fn storm(&mut self) -> Result<(), Broken> {
        self.books.open().full = self.plan.full;
        let begun = Instant::now();
        for (after, act) in std::mem::take(&mut self.plan.acts) {
            sleep_until(begun + after).await;
            self.act(act).await?;
            self.sound()?;
        }
        sleep_until(begun + self.plan.heal).await;
        self.sound()
    }

    async fn act(&mut self, act: Act) -> Result<(), Broken> {
        self.books.open().say(&format!("{act:?}"));
        match act {
            Act::Cut(host, cut) => self.net.path(host, |path| path.cut = cut),
            Act::Blackout(cut) => {
                (0..self.members.len()).for_each(|host| self.net.path(host, |path| path.cut = cut));
            }
            Act::Rebind(host) => self.net.rebind(host),
            Act::ServerDies => self.house.die(&self.net),
            Act::ServerStops => self.house.stop(&self.net).await,
            Act::ServerStarts => self.house.start(&self.net, &self.books).await?,
            Act::HostDies(host) => self.members[host].kill(&self.net, &self.books).await,
            Act::HostForgets(host) => {
                self.members[host].kill(&self.net, &self.books).await;
                let forgotten = self.members[host].forget(&self.books);
                forgotten.map_err(|error| error.to_string())?;
            }
            Act::HostStops(host) => self.members[host].stop().await,
            Act::HostStarts(host) => self.host_start(host)?,
        }
        Ok(())
    }

    fn host_start(&mut self, host: usize) -> Result<(), Broken> {
        let chance = self.chance.branch();
        let started = self.members[host].start(&self.net, &self.books, chance);
        started.map_err(|error| error.to_string())
    }

    /// All faults stop, and what is down comes up.
    pub(crate) async fn heal(&mut self) -> Result<(), Broken> {
        self.books.open().full = 0;
        self.books.open().say("all faults stop");
        for host in 0..self.members.len() {
            if self.mutant != Mutant::NeverHealed || host > 0 {
                self.net.path(host, crate::path::Path::heal);
            } else {
                self.net.path(host, |path| path.cut = [true; 2]);
            }
            self.host_start(host)?;
        }
        self.house.start(&self.net, &self.books).await
    }

    /// Whether no promise is broken so far.
    pub(crate) fn sound(&self) -> Result<(), Broken> {
        match &self.books.open().broken {
            Some(broken) => Err(broken.clone()),
            None => Ok(()),
        }
    }

    /// Waits until something is so, which must be soon.
    pub(crate) async fn until(
        &self,
        what: &str,
        patience: Duration,
        is_so: impl Fn(&Inner) -> bool,
    ) -> Result<Duration, Broken> {
        let begun = Instant::now();
        loop {
            self.sound()?;
            if is_so(&self.books.open()) {
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > patience {
                let state = self.state();
                return Err(format!("{what}: not within {patience:?} of virtual time; {state}"));
            }
            sleep(LOOK).await;
        }
    }

    /// Where everything stands, for whoever has to find a mistake.
    pub(crate) fn state(&self) -> String {
        let books = self.books.open();
        let hosts = books.hosts.iter().map(|host| {
            let leased = books.leased(host.id, FIRST) + books.leased(host.id, SECOND);
            format!(
                "[open {}, leased {leased}, spooled {}, welcomes {}, losses {}, last {}]",
                host.is_open,
                host.spooled.len(),
                host.welcomes,
                host.losses,
                host.lost
            )
        });
        let hosts: Vec<String> = hosts.collect();
        let (now, jobs) = (self.began.elapsed().as_millis(), &books.jobs);
        format!("now {now} ms, jobs {jobs:?}, {} settled, {}", books.settled.len(), hosts.join(" "))
    }
}
