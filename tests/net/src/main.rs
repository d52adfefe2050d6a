//! `net`: the real link, server and clients on a played network in virtual time.
//!
//! One number, the seed, decides everything. Real are QUIC and TLS, the client's host and its disk,
//! the server's front, driver and engine, and SQLite; played are the network, the clock, the time
//! that computing takes, and who dies when. `main` runs seeds; `tests` runs some in each build.

mod books;
mod calm;
mod house;
mod keeper;
mod member;
mod network;
mod path;
mod plan;
mod report;
mod stage;
mod witness;
mod world;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use report::{Report, run};
use witness::Mutant;

const USAGE: &str = "usage: net [--seeds N] [--first S] [--seed S] [--verbose]
  --seeds N    how many seeds (100)
  --first S    the first one (1)
  --seed S     only this one
  --verbose    say everything that happens, to standard error";

struct Asked {
    first: u64,
    seeds: u64,
    talk: Option<fn(&str)>,
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked { first: 1, seeds: 100, talk: None };
    while let Some(word) = words.next() {
        let mut number = || words.next()?.parse().ok();
        match word.as_str() {
            "--verbose" => asked.talk = Some(|line| eprintln!("{line}")),
            "--seeds" => asked.seeds = number()?,
            "--first" => asked.first = number()?,
            "--seed" => (asked.first, asked.seeds) = (number()?, 1),
            _ => return None,
        }
    }
    Some(asked)
}

fn main() -> ExitCode {
    let Some(Asked { first, seeds, talk }) = asked(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let mut all = Report::default();
    for seed in first..first.saturating_add(seeds) {
        match run(seed, Mutant::None, talk) {
            Ok(report) => all.add(&report),
            Err(broken) => {
                eprintln!("{broken}");
                return ExitCode::FAILURE;
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let line = format!("{seeds} seeds in {seconds:.1} s: {all:#?}");
    // A closed standard output is no reason to fail.
    let _gone = writeln!(std::io::stdout(), "{line}");
    ExitCode::SUCCESS
}
