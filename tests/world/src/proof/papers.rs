//! Many generated papers through two clients give the bytes of one process that runs the same app;
//! the server stays small.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gleaner_shared::digest::Hasher;

use crate::papers::{Metadata, Papers, Written};
use crate::{Admin, Client, Golden, Server, World, alone, peak_bytes};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many, of 24 KB on the average.
    pub papers: u64,
    /// Decides what they say.
    pub seed: u64,
}

/// Bytes of a paper on the average.
const PAPER_BYTES: u64 = 24_000;
/// The most memory that the server may have.
const SERVER_BYTES_MAX: u64 = 256 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How far the plan's disk may be off, in percent.
const PLAN_OFF_MAX: f64 = 20.0;
const JOB: &str = "graph";

/// Adds, computes, exports, and compares file by file.
///
/// # Errors
/// If a file differs or the server grows.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<String> {
    let (folder, metadata) = (world.path("papers"), world.path("metadata.csv"));
    let written = generate(&folder, &metadata, size)?;
    let mut server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    let dictionary = world.path("dictionary");
    let (text, table) = (dictionary.display().to_string(), metadata.display().to_string());
    let ontologies = golden.ontologies();
    let files: Vec<&str> = ontologies.iter().map(String::as_str).collect();
    admin.tell(&[&["ontology", "compile", "--out", &text], &files[..]].concat())?;
    let begun = Instant::now();
    let papers = folder.display().to_string();
    admin.tell_within(PATIENCE, &["corpus", "add", "papers", &papers, "--metadata", &table])?;
    let added = begun.elapsed();
    let words = ["--corpus", "papers", "--app", "ontology-match", "--ontology", &text];
    let foretold = admin.json(&[&["job", "plan"], &words[..]].concat())?;
    let foretold = foretold["disk_bytes"].as_u64().context("the plan foretells no disk")?;
    admin.tell(&[&["job", "submit", JOB], &words[..]].concat())?;
    let begun = Instant::now();
    let mut clients = Vec::new();
    for name in ["ada", "grace"] {
        let invite = admin.invite(&["--trusted", "--uses", "1"])?;
        let mut client = Client::join(world, name, &invite)?;
        client.start()?;
        clients.push(client);
    }
    admin.wait(JOB, PATIENCE)?;
    let computed = begun.elapsed();
    let out = world.path("out");
    let to = out.display().to_string();
    admin.tell_within(PATIENCE, &["result", "export", JOB, "--to", &to, "--format", "tsv"])?;
    let taken = taken(&admin, foretold)?;
    let peak = peak_bytes(server.process()?.id()).context("the server is gone")?;
    ensure!(peak < SERVER_BYTES_MAX, "the server's memory rose to {} MB", peak >> 20);
    for client in &mut clients {
        client.stop()?;
    }
    server.stop()?;
    let begun = Instant::now();
    let reference = world.path("alone");
    let names = alone::run(&folder, &metadata, &dictionary, &reference)?;
    let alone = begun.elapsed();
    let ours = digests(&out, &names)?;
    ensure!(ours == digests(&reference, &names)?, "files differ: {ours:?}");
    let disk = |name: &str| Ok::<_, anyhow::Error>(tree_bytes(&server.data().join(name))? >> 20);
    Ok(format!(
        "seed {}: {} papers, {} MB; added in {:.0} s, computed by two clients in {:.0} s, {} files \
         as one process makes them in {:.0} s; server's peak {} MB; gleaner.db {} MB, packs {} MB; \
         {taken}",
        size.seed,
        written.papers,
        written.bytes / 1_000_000,
        added.as_secs_f64(),
        computed.as_secs_f64(),
        names.len(),
        alone.as_secs_f64(),
        peak >> 20,
        disk("gleaner.db")?,
        disk("objects/pack")?
    ))
}

fn generate(folder: &Path, metadata: &Path, size: Size) -> Result<Written> {
    let mut rows = Metadata::new(metadata)?;
    let written = Papers::new(size.seed)?.write(folder, &mut rows, size.papers * PAPER_BYTES)?;
    rows.end()?;
    Ok(written)
}

/// What the job's tables take on disk beside what was foretold, which has to be near.
fn taken(admin: &Admin<'_>, foretold: u64) -> Result<String> {
    let tables = admin.json(&["result", "tables", JOB])?;
    let tables = tables["tables"].as_array().context("no tables are listed")?;
    let taken: u64 = tables.iter().filter_map(|table| table["disk_bytes"].as_u64()).sum();
    let off = 100.0 * (foretold as f64 / taken.max(1) as f64 - 1.0);
    ensure!(
        off.abs() < PLAN_OFF_MAX,
        "the tables take {taken} bytes, {foretold} were foretold: {off:+.1} %"
    );
    Ok(format!("tables {} MB, foretold {off:+.1} %", taken >> 20))
}

/// The digest of each file, which is not read whole.
fn digests(folder: &Path, names: &[&'static str]) -> Result<BTreeMap<&'static str, String>> {
    let digest = |name: &&'static str| {
        let mut hasher = Hasher::new();
        let mut file = fs::File::open(folder.join(name)).with_context(|| (*name).to_owned())?;
        let mut bytes = vec![0; 1 << 20];
        loop {
            let count = std::io::Read::read(&mut file, &mut bytes)?;
            if count == 0 {
                return Ok((*name, hasher.digest().to_string()));
            }
            hasher.update(&bytes[..count]);
        }
    };
    names.iter().map(digest).collect()
}

/// Bytes of a file, or of all files of a folder.
fn tree_bytes(path: &Path) -> Result<u64> {
    if path.is_file() {
        return Ok(path.metadata()?.len());
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        bytes += tree_bytes(&entry?.path())?;
    }
    Ok(bytes)
}
