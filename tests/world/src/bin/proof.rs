//! `cargo proof NAME`: one promise, proved on real processes at any size.
//!
//! Prints one line with what was shown and the commit it was shown for, or fails.

use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gleaner_world::proof::{
    bad, big_intake, broken_apps, chaos, commits, crashes, full, golden, idle, outage, papers,
    parquet, power, refused,
};
use gleaner_world::{Binaries, Golden, Profile, World, invariants, mutants, reference, root};

const USAGE: &str = "usage: cargo proof NAME [--SETTING NUMBER]...
  golden                                      acceptance 2: the exact bytes, five ways
  crashes    --kills 50 --seed 1 --jobs 6 --rounds 400    3: kill -9 at random moments
  power-cuts --cuts 20 --seed 1 --rounds 400              4: power cuts of all disks
  outage     --seconds 60 --rounds 100                    5: the server is away
  refused                                                 6: who cannot come in
  bad        --megabytes 200                              7: bad documents
  full       --rounds 100                                 7: full disks
  idle       --seconds 20                                 9: memory when idle, release
  broken-apps --documents 200                 documents that end their process, or never end
  chaos      --seconds 300 --faults 200 --seed 1 --rounds 60    everything at once
  commits    --rounds 100                                 commits refused or unanswered
  mutants    [--only 1]                       mistakes at the edges, each caught in a minute
  big-intake --megabytes 2000 --kills 10 --seed 1   a large add, killed at random; release
  papers     --papers 50000 --seed 1          two clients give what one process gives; release
  parquet    --papers 3000 --seed 1           DuckDB and pandas read what the database has
  invariants FOLDER                           what holds of a stopped server's data folder
Settings that are not given have the values shown.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = Asked::read(&words) else {
        say(&mut stderr(), USAGE);
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let proved = match &asked.folder {
        Some(folder) => invariants::check(folder).map(|checked| vec![checked.to_string()]),
        None => prove(&asked),
    };
    match proved {
        Ok(lines) => {
            for line in lines {
                say(&mut stdout(), &line);
            }
            let seconds = start.elapsed().as_secs();
            say(&mut stdout(), &format!("shown in {seconds} s at commit {}", commit()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&mut stderr(), &format!("not shown: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
struct Asked {
    name: String,
    /// Of `invariants`.
    folder: Option<PathBuf>,
    settings: BTreeMap<String, u64>,
}

impl Asked {
    fn read(words: &[String]) -> Option<Self> {
        let (name, rest) = words.split_first()?;
        let mut settings = BTreeMap::new();
        if let ("invariants", [folder]) = (name.as_str(), rest) {
            return Some(Self { name: name.clone(), folder: Some(folder.into()), settings });
        }
        for pair in rest.chunks(2) {
            let [setting, value] = pair else { return None };
            settings.insert(setting.strip_prefix("--")?.to_owned(), value.parse().ok()?);
        }
        Some(Self { name: name.clone(), folder: None, settings })
    }

    fn number(&self, setting: &str, default: u64) -> u64 {
        self.settings.get(setting).copied().unwrap_or(default)
    }

    fn rounds(&self, default: u32) -> u32 {
        u32::try_from(self.number("rounds", default.into())).unwrap_or(u32::MAX)
    }

    fn seconds(&self, default: u64) -> Duration {
        Duration::from_secs(self.number("seconds", default))
    }
}

fn prove(asked: &Asked) -> Result<Vec<String>> {
    match asked.name.as_str() {
        "golden" => golden::Variant::ALL
            .into_iter()
            .map(|variant| World::prove(|world| golden::prove(world, &data()?, variant)))
            .collect(),
        "crashes" | "power-cuts" | "chaos" | "commits" => faults(asked),
        "outage" => {
            let size = outage::Size { away: asked.seconds(60), rounds: asked.rounds(100) };
            one(|world| outage::prove(world, &data()?, size))
        }
        "refused" => one(refused::prove),
        "bad" => one(|world| bad::prove(world, asked.number("megabytes", 200))),
        "broken-apps" => {
            let documents = usize::try_from(asked.number("documents", 200))?;
            let size = broken_apps::Size { documents, words: 24 };
            let prove = |who| World::prove(|world| broken_apps::prove(world, who, size));
            broken_apps::Who::ALL.into_iter().map(prove).collect()
        }
        "full" => {
            let rounds = asked.rounds(100);
            let mut lines = one(|world| {
                full::prove_server(world, &data()?, rounds)?.context("not possible here")
            })?;
            lines.extend(one(|world| {
                full::prove_client(world, &data()?, rounds)?.context("not possible here")
            })?);
            Ok(lines)
        }
        "mutants" => {
            let only = asked.settings.get("only").map(|only| usize::try_from(*only));
            mutants::prove(only.transpose()?)
        }
        "idle" => {
            let world = World::with(Binaries::build(Profile::Release)?)?;
            Ok(vec![idle::prove(&world, asked.seconds(20))?])
        }
        "parquet" => {
            let size = parquet::Size {
                papers: asked.number("papers", 3_000),
                seed: asked.number("seed", 1),
            };
            one(|world| parquet::prove(world, &data()?, size))
        }
        "big-intake" | "papers" => large(asked),
        other => bail!("no proof is called {other}\n{USAGE}"),
    }
}

/// Proofs by faults at chosen and at random moments.
fn faults(asked: &Asked) -> Result<Vec<String>> {
    let seed = asked.number("seed", 1);
    match asked.name.as_str() {
        "crashes" => {
            let size = crashes::Size {
                kills: asked.number("kills", 50),
                seed,
                jobs: usize::try_from(asked.number("jobs", 6))?,
                rounds: asked.rounds(400),
            };
            one(|world| crashes::prove(world, &data()?, size))
        }
        "power-cuts" => {
            let size =
                power::Size { cuts: asked.number("cuts", 20), seed, rounds: asked.rounds(400) };
            one(|world| power::prove(world, &data()?, size)?.context("not possible here"))
        }
        "chaos" => {
            let size = chaos::Size {
                time: asked.seconds(300),
                faults: asked.number("faults", 200),
                seed,
                rounds: asked.rounds(60),
            };
            one(|world| chaos::prove(world, &data()?, size))
        }
        _ => one(|world| commits::prove(world, &data()?, asked.rounds(100))),
    }
}

/// Proofs that are for programs as they are used.
fn large(asked: &Asked) -> Result<Vec<String>> {
    let world = World::with(Binaries::build(Profile::Release)?)?;
    let seed = asked.number("seed", 1);
    let line = match asked.name.as_str() {
        "big-intake" => {
            let (megabytes, kills) = (asked.number("megabytes", 2_000), asked.number("kills", 10));
            let size = big_intake::Size { megabytes, kills, seed };
            big_intake::prove(&world, size)?.context("not possible here")?
        }
        _ => {
            let size = papers::Size { papers: asked.number("papers", 50_000), seed };
            papers::prove(&world, &data()?, size)?
        }
    };
    Ok(vec![line])
}

fn one(proof: impl FnOnce(&World) -> Result<String>) -> Result<Vec<String>> {
    Ok(vec![World::prove(proof)?])
}

fn data() -> Result<Golden> {
    reference().context("the reference data is not here")
}

/// The commit of this checkout, and whether something was changed since.
fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).current_dir(root()).output().ok();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".into());
    match git(&["status", "--porcelain"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit} with changes"),
    }
}

fn say(out: &mut dyn Write, line: &str) {
    // A closed output is no failure of the proof.
    let _closed = writeln!(out, "{line}");
}
