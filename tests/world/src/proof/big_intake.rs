//! A large corpus, plain and packed, whose intake is killed again and again: little is sent twice,
//! the digest is that of an uncut intake, the server stays small.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::papers::{Metadata, Papers};
use crate::process::{Ended, Process};
use crate::relay::Relay;
use crate::{Chance, Server, World, peak_bytes, skipped};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of text.
    pub megabytes: u64,
    /// Of the add, at random moments.
    pub kills: u64,
    /// Decides when, in which order files come, and what they say.
    pub seed: u64,
}

/// The most memory that the server may have.
const SERVER_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Bytes that may be sent in all, in percent of those of an uncut add.
const SENT_PERCENT_MAX: u64 = 105;
/// Of so many kills one is the server's, the others are the admin's.
const KILLS_PER_SERVER: u64 = 5;
const LOOK_EVERY: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(1_800);
const CORPUS: &str = "papers";
/// Folders and archives that the papers lie in.
const PARTS: [&str; 8] = ["a", "b", "c", "d", "gz", "gz2", "zst", "zip"];

/// Adds a corpus once uncut, and once with kills; compares.
///
/// # Errors
/// If more is sent than may be, the digests differ or the server grows.
pub fn prove(world: &World, size: Size) -> Result<Option<String>> {
    let folder = world.path("files");
    let Some(text_bytes) = write(&folder, size)? else { return Ok(None) };
    let metadata = folder.join("metadata.csv").display().to_string();
    let (uncut, whole, took, uncut_peak) = {
        let mut adding = Adding::new(world, &folder, &metadata, "uncut")?;
        let start = Instant::now();
        ensure!(adding.run(&PARTS, None)?, "nobody killed it");
        (adding.relay.sent(), adding.verified()?, start.elapsed(), adding.peak()?)
    };
    let mut adding = Adding::new(world, &folder, &metadata, "cut")?;
    let mut chance = Chance::new(size.seed);
    let mut parts = PARTS;
    for kill in 1..=size.kills {
        chance.shuffle(&mut parts);
        let share = uncut / (size.kills + 1);
        let after = chance.between(share / 4, share * 3 / 2);
        let victim = if kill % KILLS_PER_SERVER == 0 { Victim::Server } else { Victim::Admin };
        if adding.run(&parts, Some((after, victim)))? {
            bail!("the add ended before kill {kill}");
        }
    }
    chance.shuffle(&mut parts);
    ensure!(adding.run(&parts, None)?, "nobody killed it");
    let sent = adding.relay.sent();
    ensure!(adding.verified()? == whole, "the corpus differs from that of an uncut add");
    ensure!(sent * 100 <= uncut * SENT_PERCENT_MAX, "{sent} bytes were sent, uncut {uncut}");
    let peak = adding.peak()?.max(uncut_peak);
    ensure!(peak < SERVER_BYTES_MAX, "the server's memory rose to {} MB", peak >> 20);
    let more = (sent * 10_000 / uncut).saturating_sub(10_000);
    Ok(Some(format!(
        "seed {}: {} papers, {} MB plain, gz, zst and zip, added in {:.0} s uncut; killed {} times \
         in as many orders, {}.{:02} % more bytes sent, the same digest; server's peak {} MB",
        size.seed,
        whole.1,
        text_bytes / 1_000_000,
        took.as_secs_f64(),
        size.kills,
        more / 100,
        more % 100,
        peak >> 20
    )))
}

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Admin,
    Server,
}

/// A corpus that is added to.
struct Adding<'w> {
    world: &'w World,
    server: Server<'w>,
    relay: Relay,
    folder: &'w Path,
    metadata: &'w str,
    peak_bytes: u64,
}

impl<'w> Adding<'w> {
    fn new(world: &'w World, folder: &'w Path, metadata: &'w str, name: &str) -> Result<Self> {
        let server = Server::start(world, &world.path(&format!("server-{name}")))?;
        let relay = Relay::new(&world.path(&format!("relay-{name}")), server.data())?;
        Ok(Self { world, server, relay, folder, metadata, peak_bytes: 0 })
    }

    /// Runs the add; kills after so many more bytes were sent. Gives whether it came to its end.
    fn run(&mut self, parts: &[&str], kill: Option<(u64, Victim)>) -> Result<bool> {
        let paths: Vec<PathBuf> = parts.iter().map(|part| path(self.folder, part)).collect();
        let mut command = self.world.command(&self.world.binaries().admin);
        command.arg("--data").arg(self.relay.folder()).args(["corpus", "add", CORPUS]);
        command.args(paths).args(["--metadata", self.metadata]);
        let before = self.relay.sent();
        let start = Instant::now();
        let mut admin = Process::start(command, &self.world.log("add"))?;
        loop {
            match admin.ended()? {
                Some(Ended::Code(0)) => return Ok(true),
                Some(ended) => bail!("the add ended with {ended:?}"),
                None => ensure!(start.elapsed() < PATIENCE, "the add hangs"),
            }
            if let Some((after, victim)) = kill
                && self.relay.sent() - before >= after
            {
                self.strike(&mut admin, victim)?;
                return Ok(false);
            }
            sleep(LOOK_EVERY);
        }
    }

    fn strike(&mut self, admin: &mut Process, victim: Victim) -> Result<()> {
        if victim == Victim::Server {
            self.peak()?;
            self.server.kill()?;
            self.server.restart()?;
        }
        admin.kill()?;
        let shown = self.server.admin().tell(&["corpus", "show", CORPUS])?;
        ensure!(shown.contains("repeat corpus add"), "it is not said to be incomplete: {shown}");
        Ok(())
    }

    /// The corpus's digest and documents; every payload is right.
    fn verified(&self) -> Result<(String, u64)> {
        let admin = self.server.admin();
        admin.tell_within(PATIENCE, &["corpus", "verify", CORPUS])?;
        let shown: Value = admin.json(&["corpus", "show", CORPUS])?;
        ensure!(shown["complete"] == true, "it is not complete: {shown}");
        let digest = shown["digest"].as_str().context("no digest")?.to_owned();
        Ok((digest, shown["documents"].as_u64().context("no documents")?))
    }

    fn peak(&mut self) -> Result<u64> {
        let now = peak_bytes(self.server.process()?.id()).context("the server is gone")?;
        self.peak_bytes = self.peak_bytes.max(now);
        Ok(self.peak_bytes)
    }
}

fn path(folder: &Path, part: &str) -> PathBuf {
    folder.join(if part == "zip" { "zip.zip" } else { part })
}

/// Writes the papers, packed as the parts say; none if the tools are not here.
fn write(folder: &Path, size: Size) -> Result<Option<u64>> {
    std::fs::create_dir(folder)?;
    let mut papers = Papers::new(size.seed)?;
    let mut metadata = Metadata::new(&folder.join("metadata.csv"))?;
    let mut bytes = 0;
    for part in PARTS {
        let place = folder.join(part);
        let share = size.megabytes * 1_000_000 / PARTS.len() as u64;
        bytes += papers.write(&place, &mut metadata, share)?.bytes;
        let packed = match part {
            "gz" | "gz2" => tool(folder, "gzip", &["-1", "-r", part]),
            "zst" => tool(folder, "zstd", &["-q", "-1", "--rm", "-r", part]),
            "zip" => tool(folder, "zip", &["-q", "-1", "-m", "-r", "zip.zip", part]),
            _ => Ok(()),
        };
        if let Err(error) = packed {
            skipped(&format!("papers cannot be packed: {error:#}"));
            return Ok(None);
        }
    }
    metadata.end()?;
    Ok(Some(bytes))
}

fn tool(folder: &Path, program: &str, words: &[&str]) -> Result<()> {
    let status = Command::new(program).args(words).current_dir(folder).status();
    let status = status.with_context(|| format!("{program} cannot be started"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
