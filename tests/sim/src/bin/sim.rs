//! `sim`: runs seeds, prints one line, and exits with 1 at the first broken promise. With `--race` it
//! says how slow and vanishing hosts delay a job, and how two jobs share.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use gleaner_sim::{Field, Report, Size, Trouble, race, run, shares};

const USAGE: &str = "usage: sim [--seeds N] [--first S] [--units U] [--seed S] [--verbose] [--race]
  --seeds N    how many seeds (100)
  --first S    the first one (1)
  --units U    units of each world (1000)
  --seed S     only this one
  --verbose    say everything that happens, to standard error
  --race       races of U units among 100 hosts instead, of which one is slow or vanishes";

struct Asked {
    first: u64,
    seeds: u64,
    units: u32,
    talk: Talk,
    what: What,
}

#[derive(PartialEq)]
enum What {
    Worlds,
    Races,
}

#[derive(PartialEq)]
enum Talk {
    Quiet,
    Verbose,
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let (talk, what) = (Talk::Quiet, What::Worlds);
    let mut asked = Asked { first: 1, seeds: 100, units: 1_000, talk, what };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--verbose" => asked.talk = Talk::Verbose,
            "--race" => asked.what = What::Races,
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
    let ran = match asked.what {
        What::Worlds => worlds(&asked),
        What::Races => races(&asked),
    };
    if let Err(broken) = ran {
        eprintln!("{broken}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One line to standard output, whose end is no reason to fail.
fn say(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

/// The worst of all seeds for each field and trouble; then how two jobs share.
fn races(asked: &Asked) -> Result<(), String> {
    let seeds = asked.first..asked.first.saturating_add(asked.seeds);
    for field in [Field::Own, Field::Strangers] {
        for trouble in [Trouble::None, Trouble::Slow, Trouble::Vanishes] {
            let mut worst = None::<gleaner_sim::Race>;
            let mut extra = 0.0_f64;
            for seed in seeds.clone() {
                let race = race(seed, asked.units, field, trouble)?;
                extra = extra.max(race.extra());
                if worst.is_none_or(|worst| race.times_ideal() > worst.times_ideal()) {
                    worst = Some(race);
                }
            }
            if let Some(worst) = worst {
                let most = extra * 100.0;
                say(&format!("{field:?}, {trouble:?}: {worst}; at most {most:.1} % in any seed"));
            }
        }
        let leased = shares(asked.first, asked.units, field)?;
        let part = f64::from(leased) / f64::from(asked.units);
        say(&format!("{field:?}, priorities 1 and 3: {leased} to {}, {part:.3} to 1", asked.units));
    }
    Ok(())
}

fn worlds(asked: &Asked) -> Result<(), String> {
    let start = Instant::now();
    let mut all = Report::default();
    for seed in asked.first..asked.first.saturating_add(asked.seeds) {
        let mut talk = |line: &str| eprintln!("{line}");
        let watch: Option<&mut dyn FnMut(&str)> =
            if asked.talk == Talk::Verbose { Some(&mut talk) } else { None };
        let size = Size { units: asked.units };
        all.add(&run(seed, size, watch).map_err(|broken| broken.to_string())?);
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
    say(&line);
    Ok(())
}
