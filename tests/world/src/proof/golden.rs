//! Acceptance 2: the exact knowledge graph, byte for byte, whoever computes it in whatever order.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Admin, Chance, Client, Golden, Server, World, queries};

/// Units that the corpus has to be cut into at least.
const UNITS_MIN: u64 = 20;
/// Cuts the 49 documents into more units than that.
const SLICE_BYTES: &str = "65536";
const JOB: &str = "golden";
const PATIENCE: Duration = Duration::from_secs(300);

/// Who computes, and how the documents come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Two own clients.
    TwoOwn,
    /// One own client with one thread.
    OneThread,
    /// Four own clients, some with two threads; the documents come in one archive, as tar packs it.
    FourOwn,
    /// Two volunteers with an invite each; both have to agree on each unit.
    Volunteers,
    /// Two own clients; the documents are given one by one, in another order.
    OtherOrder,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::TwoOwn, Self::OneThread, Self::FourOwn, Self::Volunteers, Self::OtherOrder];

    /// Threads of each client.
    fn clients(self) -> &'static [u16] {
        match self {
            Self::OneThread => &[1],
            Self::FourOwn => &[1, 2, 1, 2],
            Self::TwoOwn | Self::Volunteers | Self::OtherOrder => &[1, 1],
        }
    }

    fn invites(self) -> &'static [&'static str] {
        match self {
            Self::Volunteers => &["--uses", "1"],
            _ => &["--trusted", "--uses", "1"],
        }
    }
}

/// Shows that a variant gives the golden bytes and the golden answers.
///
/// # Errors
/// If it does not.
pub fn prove(world: &World, golden: &Golden, variant: Variant) -> Result<String> {
    let server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    let mut clients = Vec::new();
    for (number, threads) in variant.clients().iter().enumerate() {
        let invite = admin.invite(variant.invites())?;
        let name = format!("client-{number}");
        clients.push(Client::join(world, &name, &invite)?.threads(*threads));
    }
    add(&admin, golden, variant, &world.path("docs.tar.gz"))?;
    submit(&admin, golden, variant)?;
    for client in &mut clients {
        client.start()?;
    }
    admin.wait(JOB, PATIENCE)?;
    let status = admin.json(&["job", "status", JOB])?;
    let units = whole(&status)?;
    let out = world.path("out");
    admin.export(JOB, &out)?;
    golden.compare(&out)?;
    let asked = queries::ask_all(&admin, JOB, golden)?;
    for client in &mut clients {
        client.stop()?;
    }
    Ok(format!("{variant:?}: {units} units, 8 files identical, {asked} queries answered as golden"))
}

fn add(admin: &Admin<'_>, golden: &Golden, variant: Variant, archive: &Path) -> Result<()> {
    let mut paths = golden.documents();
    let metadata = golden.metadata();
    let mut flags = vec!["--slice-bytes", SLICE_BYTES];
    if variant == Variant::OtherOrder {
        paths = golden.files()?;
        Chance::new(7).shuffle(&mut paths);
        flags.extend(["--metadata", &metadata]);
    }
    if variant == Variant::FourOwn {
        pack(&paths, archive)?;
        paths = vec![archive.display().to_string()];
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    admin.tell(&[&["corpus", "add", "open"], &paths[..], &flags[..]].concat())?;
    Ok(())
}

/// Packs folders; their metadata.csv is somewhere among the documents.
fn pack(folders: &[String], archive: &Path) -> Result<()> {
    let mut command = Command::new("tar");
    command.arg("-czf").arg(archive);
    for folder in folders.iter().map(Path::new) {
        let (parent, name) =
            folder.parent().zip(folder.file_name()).context("a folder has both")?;
        command.arg("-C").arg(parent).arg(name);
    }
    let status = command.status().context("tar")?;
    ensure!(status.success(), "tar ended with {status}");
    Ok(())
}

fn submit(admin: &Admin<'_>, golden: &Golden, variant: Variant) -> Result<()> {
    let ontologies = golden.ontologies();
    let mut words = vec!["job", "submit", JOB, "--corpus", "open", "--app", "ontology-match"];
    if variant == Variant::Volunteers {
        words.extend(["--copies", "2"]);
    }
    words.push("--ontology");
    words.extend(ontologies.iter().map(String::as_str));
    admin.tell(&words)?;
    Ok(())
}

/// All units are merged, and there are enough; gives how many.
fn whole(status: &Value) -> Result<u64> {
    let number = |name: &str| status[name].as_u64().unwrap_or(u64::MAX);
    let units = number("units");
    ensure!((UNITS_MIN..u64::MAX).contains(&units), "{units} units are too few: {status}");
    ensure!(number("merged") == units && number("failed") == 0, "not whole: {status}");
    Ok(units)
}
