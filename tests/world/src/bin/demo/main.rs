//! `cargo demo`: the whole way, from files to a knowledge graph, on this machine and nothing else.
//!
//! Shows each command as a person would type it. Everything lives in a temporary folder.

mod show;

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use gleaner_world::{Admin, Binaries, Client, Profile, Server, World, sample};

const JOB: &str = "concepts";
const CORPUS: &str = "sample";

/// Rounds of work for each document: the sample is small, and there should be something to watch.
const ROUNDS: &str = "rounds=3000";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let profile = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Profile::Release,
        // As tests are built: what they have built already is used.
        ["--dev"] => Profile::Dev,
        _ => {
            let _closed = writeln!(std::io::stderr(), "usage: cargo demo [--dev]");
            return ExitCode::from(2);
        }
    };
    match run(profile) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "the demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(profile: Profile) -> Result<()> {
    say("Building the three programs (the first time takes some minutes) ...")?;
    let world = World::with(Binaries::build(profile)?)?;
    let start = Instant::now();
    let shown = play(&world);
    if shown.is_err() {
        let _closed = writeln!(std::io::stderr(), "{}", world.tails());
    }
    shown?;
    say(&format!("\nAll of this took {:.1} s.", start.elapsed().as_secs_f64()))?;
    say(NEXT)
}

fn play(world: &World) -> Result<()> {
    say("\n$ gleaner-server run --data server")?;
    let mut server = Server::start(world, &world.path("server"))?;
    say(&format!("  it listens on udp {}", server.address()))?;
    let admin = server.admin();

    say("\n$ gleaner-admin invite create --trusted --uses 2")?;
    let invite = admin.invite(&["--trusted", "--uses", "2"])?;
    say(&format!("  {invite}"))?;
    let mut clients = Vec::new();
    for name in ["ada", "grace"] {
        say(&format!("\n$ gleaner-client join INVITE --data {name}"))?;
        say(&format!("$ gleaner-client run --data {name}"))?;
        let mut client = Client::join(world, name, &invite)?;
        client.start()?;
        clients.push(client);
    }

    let (articles, ontology) = (sample().join("articles"), sample().join("respiratory.obo"));
    let (articles, ontology) = (articles.display().to_string(), ontology.display().to_string());
    step(world, &server, &["corpus", "add", CORPUS, &articles, "--slice-bytes", "2048"])?;
    say("\n# paced-match is ontology-match, slowed down so that there is something to watch.")?;
    let submit = ["job", "submit", JOB, "--corpus", CORPUS, "--app", "paced-match"];
    step(world, &server, &[&submit[..], &["--param", ROUNDS, "--ontology", &ontology]].concat())?;
    step(world, &server, &["job", "wait", JOB, "--timeout", "60s"])?;
    results(world, &admin)?;
    step(world, &server, &["search", "fever after the flu vaccine", "--job", JOB, "--limit", "5"])?;

    for client in &mut clients {
        client.stop()?;
    }
    server.stop()
}

/// Runs a command with its output on the screen.
fn step(world: &World, server: &Server<'_>, words: &[&str]) -> Result<()> {
    let typed: Vec<String> = words
        .iter()
        .map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() })
        .collect();
    say(&format!("\n$ gleaner-admin {}", typed.join(" ")))?;
    let mut command = world.command(&world.binaries().admin);
    command.arg("--data").arg(server.data()).args(words);
    // On a terminal there is a bar.
    command.env("GLEANER_PROGRESS_INTERVAL", "1");
    let status = command.status().context("gleaner-admin cannot be started")?;
    if !status.success() {
        bail!("gleaner-admin {} ended with {status}", words.join(" "));
    }
    Ok(())
}

/// Exports the graph and shows the top of it.
fn results(world: &World, admin: &Admin<'_>) -> Result<()> {
    let out = world.path("out");
    say(&format!("\n$ gleaner-admin result export {JOB} --to out"))?;
    admin.export(JOB, &out)?;
    let read = |name: &str| -> Result<String> {
        let path = Path::new(&out).join(name);
        fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))
    };
    say(&show::top_concepts(&read("nodes.tsv")?))?;
    say(&show::strongest_edges(&read("edges.tsv")?, &read("nodes.tsv")?))?;
    say(&show::ranking(&read("doc_nodes.tsv")?, &read("nodes.tsv")?))
}

fn say(text: &str) -> Result<()> {
    let mut out = stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

const NEXT: &str = "
With your own files, in one terminal and with the programs of target/release:

  gleaner-server run --data gleaner
  gleaner-admin  invite create --trusted         paste the invite on any machine:
  gleaner-client join INVITE && gleaner-client run
  gleaner-admin  corpus add papers FOLDER        CORD-19 JSON, JATS XML or text
  gleaner-admin  job submit graph --corpus papers --app ontology-match --ontology FILE.obo
  gleaner-admin  job wait graph && gleaner-admin result export graph --to out";
