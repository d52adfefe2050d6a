//! `sim`: runs seeds, prints one line, and exits with 1 at the first broken promise.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use gleaner_sim::{Report, Size, run};

const USAGE: &str = "usage: sim [--seeds N] [--first S] [--units U] [--seed S] [--verbose]
  --seeds N    how many seeds (100)
  --first S    the first one (1)
  --units U    units of each world (1000)
  --seed S     only this one
  --verbose    say everything that happens, to standard error";

struct Asked {
    first: u64,
    seeds: u64,
    units: u32,
    talk: Talk,
}

#[derive(PartialEq)]
enum Talk {
    Quiet,
    Verbose,
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked { first: 1, seeds: 100, units: 1_000, talk: Talk::Quiet };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--verbose" => asked.talk = Talk::Verbose,
            "--seeds" => asked.seeds = words.next()?.parse().ok()?,
            "--first" => asked.first = words.next()?.parse().ok()?,
            "--units" => asked.units = words.next()?.parse().ok()?,
            "--seed" => {
                asked.first = words.next()?.parse().ok()?;
                asked.seeds = 1;
            }
            _ => return None,
        }
    }
    Some(asked)
}

fn main() -> ExitCode {
    let Some(asked) = asked(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let mut all = Report::default();
    for seed in asked.first..asked.first.saturating_add(asked.seeds) {
        let mut talk = |line: &str| eprintln!("{line}");
        let watch: Option<&mut dyn FnMut(&str)> =
            if asked.talk == Talk::Verbose { Some(&mut talk) } else { None };
        match run(seed, Size { units: asked.units }, watch) {
            Ok(report) => all.add(&report),
            Err(broken) => {
                eprintln!("{broken}");
                return ExitCode::FAILURE;
            }
        }
    }
    let line = format!(
        "{} seeds, {} steps, {} events, {} batches, {} merges, {} late, {} crashes, {} restarts, {} virtual \
         hours, {:.1} s, trace {:016x}",
        asked.seeds,
        all.steps,
        all.events,
        all.batches,
        all.merges,
        all.late,
        all.crashes,
        all.restarts,
        all.millis / 3_600_000,
        start.elapsed().as_secs_f64(),
        all.trace
    );
    let met: Vec<String> = all.met.iter().map(|(name, count)| format!("{count} {name}")).collect();
    eprintln!("met: {}", met.join(", "));
    // A closed standard output is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
    ExitCode::SUCCESS
}
