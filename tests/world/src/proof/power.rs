//! Acceptance 4: what was acknowledged survives power cuts of the server's and the client's disk.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Workload;
use crate::{Chance, Client, Disk, Golden, Server, World, invariants, sample};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Power cuts.
    pub cuts: u64,
    /// Decides whose power is cut when.
    pub seed: u64,
    /// Rounds of work for each document.
    pub rounds: u32,
}

/// Whose power is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    Server,
    Client,
    Both,
}

/// What the server has acknowledged.
#[derive(Debug, Default)]
struct Acknowledged {
    merged: u64,
    corpora: Vec<String>,
    invites: u64,
}

/// MiB of each disk.
const DISK_MEBIBYTES: u64 = 256;

/// The processes and their disks.
struct Site<'w> {
    server: Server<'w>,
    client: Client<'w>,
    server_disk: Disk,
    client_disk: Disk,
}

/// Cuts the power so many times; none if this machine cannot.
///
/// # Errors
/// If anything acknowledged is lost, or a result differs.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<Option<String>> {
    let Some(server_disk) = Disk::ext4(&world.path("server-disk"), DISK_MEBIBYTES)? else {
        return Ok(None);
    };
    let Some(client_disk) = Disk::ext4(&world.path("client-disk"), DISK_MEBIBYTES)? else {
        return Ok(None);
    };
    let server = Server::start(world, &server_disk.path().join("data"))?;
    let invite = server.admin().invite(&["--trusted"])?;
    let client = Client::join_in(world, "client", &client_disk.path().join("data"), &invite)?;
    let mut site = Site { server, client, server_disk, client_disk };
    let mut work = Workload::new(world, golden, site.server.admin(), size.rounds)?;
    work.submit()?;
    site.client.start()?;
    let mut chance = Chance::new(size.seed);
    let mut acknowledged = Acknowledged { invites: 1, ..Acknowledged::default() };
    let mut lost = 0;
    for cut in 0..size.cuts {
        sleep(Duration::from_millis(chance.between(0, 700)));
        acknowledged.merged = work.keep_busy()?.merged;
        site.acknowledge(&mut acknowledged, cut)?;
        lost += site.cut(chance.pick(&[Where::Server, Where::Client, Where::Both]))?;
        site.check(&acknowledged)?;
        let merged = work.standing()?.map(|standing| standing.merged);
        let before = acknowledged.merged;
        ensure!(merged >= Some(before), "{merged:?} units merged, {before} were acknowledged");
    }
    work.finish()?;
    site.client.stop()?;
    site.server.stop()?;
    site.nothing_damaged()?;
    let checked = invariants::check(site.server.data())?;
    ensure!(lost > 0, "nothing was ever lost: these were no power cuts");
    Ok(Some(format!(
        "seed {}: {} power cuts ({lost} of as many unflushed files lost), 0 acknowledged losses; {} \
         jobs of 49 units golden, {} corpora and {} invites still there, no kept result damaged; \
         {checked}",
        size.seed,
        size.cuts,
        work.jobs(),
        acknowledged.corpora.len(),
        acknowledged.invites
    )))
}

impl Site<'_> {
    /// Has the server acknowledge a small corpus and an invite, just before the cut.
    fn acknowledge(&self, acknowledged: &mut Acknowledged, cut: u64) -> Result<()> {
        let admin = self.server.admin();
        admin.invite(&[])?;
        acknowledged.invites += 1;
        let name = format!("extra-{cut}");
        let articles = sample().join("articles").display().to_string();
        admin.tell(&["corpus", "add", &name, &articles])?;
        acknowledged.corpora.push(name);
        Ok(())
    }

    /// Cuts the power and brings it back; gives how many unflushed files were lost.
    fn cut(&mut self, place: Where) -> Result<u64> {
        let is_hit = |disk: Where| place == disk || place == Where::Both;
        let mut lost = 0;
        if is_hit(Where::Server) {
            let witness = self.server_disk.path().join("witness");
            fs::write(&witness, "not flushed")?;
            self.server_disk.cut()?;
            self.server.kill()?;
            self.server_disk.restore()?;
            lost += u64::from(fs::read(&witness).unwrap_or_default().is_empty());
            self.server.restart()?;
        }
        if is_hit(Where::Client) {
            let witness = self.client_disk.path().join("witness");
            fs::write(&witness, "not flushed")?;
            self.client_disk.cut()?;
            self.client.kill()?;
            self.client_disk.restore()?;
            lost += u64::from(fs::read(&witness).unwrap_or_default().is_empty());
            self.client.start()?;
        }
        Ok(lost)
    }

    /// What the client had kept is whole.
    fn nothing_damaged(&self) -> Result<()> {
        let damaged = fs::read_dir(self.client.data().join("spool/damaged"))?.count();
        ensure!(damaged == 0, "{damaged} results that the client had kept were damaged by a cut");
        Ok(())
    }

    /// Everything acknowledged is there, and whole; and the client has taken up its work.
    fn check(&mut self, acknowledged: &Acknowledged) -> Result<()> {
        self.nothing_damaged()?;
        self.client.process()?.expect_alive()?;
        let admin = self.server.admin();
        for name in acknowledged.corpora.iter().rev().take(2) {
            admin.tell(&["corpus", "verify", name])?;
            let corpus = admin.tell(&["--json", "corpus", "show", name])?;
            ensure!(corpus.contains("\"documents\":48"), "corpus {name} has lost some: {corpus}");
        }
        let corpora = admin.tell(&["--json", "corpus", "list"])?;
        for name in &acknowledged.corpora {
            ensure!(corpora.contains(&format!("\"{name}\"")), "corpus {name} is lost");
        }
        let invites = admin.tell(&["--json", "invite", "list"])?.matches("\"uses\":").count();
        let before = acknowledged.invites;
        ensure!(invites as u64 == before, "{invites} invites, {before} were acknowledged");
        Ok(())
    }
}
