//! Issue 3, acceptance 3: documents that panic, abort, take all memory or never end. Each fails
//! alone, all others are merged, and no client ends or goes round for ever.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::Ended;
use crate::{Admin, Answer, Client, Server, World};

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// One own client with two threads.
    Own,
    /// Two volunteers, who have to agree on each failure.
    Volunteers,
}

impl Who {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Own, Self::Volunteers];
}

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Documents, four of them broken.
    pub documents: usize,
    /// Words of each beside those that tell them apart; some of 4 bytes to a slice of 1 KiB.
    pub words: usize,
}

/// The word that breaks a document, what is said of it, and what its host says.
const BROKEN: [(&str, &str, &str); 4] = [
    ("faultypanic", "the app crashed", "asked for it"),
    ("faultyabort", "the app crashed", "ends the process that computes it"),
    ("faultymemory", "the app crashed", "memory ran out"),
    ("faultyloop", "a document took longer than the job's deadline", "takes longer than 5s"),
];
/// A broken document in so many, so that some good ones are in a slice with each.
const EVERY: usize = 8;
/// The least that is possible.
const SLICE_BYTES: &str = "1024";
/// Documents of a slice at most, and how often such a unit can be halved.
const SLICE_DOCS: u64 = 8;
const HALVINGS: u64 = 3;
/// Broken documents that end a process.
const KILLERS: u64 = 2;
const JOB: &str = "words";
const PATIENCE: Duration = Duration::from_secs(240);

/// Shows it on a corpus of that size.
///
/// # Errors
/// If it is not so.
pub fn prove(world: &World, who: Who, size: Size) -> Result<String> {
    let documents = size.documents;
    let server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    add(world, &admin, size)?;
    let mut clients = join(world, &admin, who)?;
    let copies = if who == Who::Volunteers { "2" } else { "1" };
    let words = ["job", "submit", JOB, "--corpus", "corpus", "--app", "faulty-words"];
    admin.tell(&[&words[..], &["--deadline", "5s", "--copies", copies]].concat())?;
    let begun = Instant::now();
    for client in &mut clients {
        client.start_with(&["--memory", "256MiB"])?;
    }
    ended(&wait(&admin)?)?;
    let took = begun.elapsed();
    failed_alone(&admin)?;
    others_merged(world, &admin, documents)?;
    let first = deaths(&clients);
    let most = clients.len() as u64 * KILLERS * (2 + HALVINGS);
    ensure!(first <= most, "crews died {first} times, more than {most}");
    admin.tell(&["job", "retry", JOB])?;
    ended(&wait(&admin)?)?;
    failed_alone(&admin)?;
    let again = deaths(&clients) - first;
    let most_again = clients.len() as u64 * KILLERS;
    ensure!(again <= most_again, "a retry cost {again} deaths, more than {most_again}");
    for client in &mut clients {
        client.process()?.expect_alive()?;
        client.stop()?;
    }
    Ok(format!(
        "{who:?}: {} of {documents} documents merged in {:.1} s, 4 failed alone with class, message \
         and what to do; crews died {first} times (at most {most}), for a retry {again} times (at \
         most {most_again}), no client ended",
        documents - BROKEN.len(),
        took.as_secs_f64(),
    ))
}

fn join<'w>(world: &'w World, admin: &Admin<'_>, who: Who) -> Result<Vec<Client<'w>>> {
    let (names, flags, threads): (&[_], &[_], _) = match who {
        Who::Own => (&["ada"], &["--trusted"], 2),
        Who::Volunteers => (&["vera", "viktor"], &[], 1),
    };
    let one = |name: &&str| {
        let invite = admin.invite(flags)?;
        Ok(Client::join(world, name, &invite)?.threads(threads))
    };
    names.iter().map(one).collect()
}

/// Each document has a word that all have, and one that only it has.
fn add(world: &World, admin: &Admin<'_>, size: Size) -> Result<()> {
    let folder = world.path("files");
    fs::create_dir(&folder)?;
    for number in 0..size.documents {
        let broken = broken_at(number).map_or("fine", |(word, ..)| word);
        let filler = "lung ".repeat(size.words);
        let text = format!("common only{number:04} {broken} {filler}");
        fs::write(folder.join(name(number)), text)?;
    }
    let folder = folder.display().to_string();
    admin.tell(&["corpus", "add", "corpus", &folder, "--slice-bytes", SLICE_BYTES])?;
    Ok(())
}

/// What is broken in the document of that number.
fn broken_at(number: usize) -> Option<(&'static str, &'static str, &'static str)> {
    let at = number.checked_sub(EVERY / 2).filter(|at| at.is_multiple_of(EVERY));
    BROKEN.get(at? / EVERY).copied()
}

fn name(number: usize) -> String {
    format!("document-{number:04}.txt")
}

fn wait(admin: &Admin<'_>) -> Result<Answer> {
    let seconds = format!("{}s", PATIENCE.as_secs());
    admin.ask_within(2 * PATIENCE, &["job", "wait", JOB, "--timeout", &seconds])
}

/// The job has ended, with failures.
fn ended(waited: &Answer) -> Result<()> {
    ensure!(waited.ended == Ended::Code(3), "{:?}: {}{}", waited.ended, waited.out, waited.err);
    Ok(())
}

/// `job errors` has these four documents, each for itself, and nothing else.
fn failed_alone(admin: &Admin<'_>) -> Result<()> {
    let list = admin.json(&["job", "errors", JOB])?;
    let failures = list["failures"].as_array().context("no failures are listed")?;
    ensure!(failures.len() == BROKEN.len(), "{} failures: {list}", failures.len());
    let shown = admin.tell(&["job", "errors", JOB])?;
    let expected = (0..).filter_map(|number| Some((number, broken_at(number)?)));
    for (number, (_, failure, message)) in expected.take(BROKEN.len()) {
        let name = name(number);
        let id = name.trim_end_matches(".txt");
        let is_it = |row: &&Value| {
            row["count"] == 1 && row["documents"][0].as_str().is_some_and(|it| it.contains(id))
        };
        let row = failures.iter().find(is_it).with_context(|| format!("{id}: {list}"))?;
        ensure!(row["failure"] == failure, "{id}: {row}");
        let said = row["message"].as_str().unwrap_or_default();
        ensure!(said.contains(message), "{id}: {row}");
        ensure!(row["next"].as_str().is_some_and(|next| next.contains("job retry")), "{row}");
        ensure!(shown.contains(id), "{id} is not shown: {shown}");
    }
    ensure!(shown.matches("  do: ").count() == BROKEN.len(), "not what to do: {shown}");
    ensure!(!shown.contains('\u{1b}'), "a message commands the terminal: {shown}");
    Ok(())
}

/// Each good document was counted once, no broken one.
fn others_merged(world: &World, admin: &Admin<'_>, documents: usize) -> Result<()> {
    let status = admin.json(&["job", "status", JOB])?;
    ensure!(status["failed"] == BROKEN.len(), "{status}");
    let out = world.path("out");
    admin.export(JOB, &out)?;
    let text = fs::read_to_string(out.join("words.tsv"))?;
    let counts: BTreeMap<&str, u64> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?, cells.next()?.parse().ok()?))
        })
        .collect();
    let good = documents - BROKEN.len();
    ensure!(counts.get("common") == Some(&(good as u64)), "not all are merged: {text}");
    for number in 0..documents {
        let count = counts.get(format!("only{number:04}").as_str()).copied().unwrap_or(0);
        let expected = u64::from(broken_at(number).is_none());
        ensure!(count == expected, "document {number} was merged {count} times");
    }
    let slices = status["units"].as_u64().context("no units")?;
    ensure!(slices * SLICE_DOCS >= documents as u64, "a slice has more documents: {status}");
    ensure!(slices < good as u64, "the good ones were taken apart: {status}");
    Ok(())
}

/// How often crews died, over all clients.
fn deaths(clients: &[Client<'_>]) -> u64 {
    clients.iter().map(|client| client.said().matches("a crew died").count() as u64).sum()
}
