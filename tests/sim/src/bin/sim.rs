//! `sim`: runs seeds, prints one line, and exits with 1 at the first broken promise. With `--race` it
//! says how slow and vanishing hosts delay a job, and how two jobs share.

use std::collections::VecDeque;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use gleaner_sim::{Broken, Field, Report, Size, Trouble, race, run, shares};

const USAGE: &str =
    "usage: sim [--seeds N] [--first S] [--units U] [--seed S] [--trace] [--verbose] [--race]
  --seeds N    how many seeds (100)
  --first S    the first one (1)
  --units U    units of each world (1000)
  --seed S     only this one
  --trace      say the last steps, to standard error
  --verbose    say everything that happens, to standard error
  --race       races of U units among 100 hosts instead, of which one is slow or vanishes";

/// How many of the last steps `--trace` shows.
const STEPS_SHOWN: usize = 40;

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
    Last,
    Verbose,
}

fn asked(mut words: impl Iterator<Item = String>) -> Option<Asked> {
    let (talk, what) = (Talk::Quiet, What::Worlds);
    let mut asked = Asked { first: 1, seeds: 100, units: 1_000, talk, what };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--trace" => asked.talk = Talk::Last,
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

/// All seeds in turn, up to the first that breaks a promise. As many at once as there are cores.
fn reports(asked: &Asked) -> Vec<Result<Report, Broken>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let end = asked.first.saturating_add(asked.seeds);
    let (next, first_broken) = (AtomicU64::new(asked.first), AtomicU64::new(end));
    let work = || {
        let mut reports = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first_broken.load(Ordering::Relaxed) {
                return reports;
            }
            let report = world(asked, seed);
            if report.is_err() {
                first_broken.fetch_min(seed, Ordering::Relaxed);
            }
            reports.push((seed, report));
        }
    };
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(|worker| worker.join().expect("no world panics"));
        done.flatten().collect::<Vec<_>>()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, report)| report).collect()
}

/// One seed, with what is to be said of it.
fn world(asked: &Asked, seed: u64) -> Result<Report, Broken> {
    let size = Size { units: asked.units };
    let mut last = VecDeque::new();
    let mut keep = |line: &str| {
        if last.len() == STEPS_SHOWN {
            last.pop_front();
        }
        last.push_back(line.to_owned());
    };
    let mut talk = |line: &str| eprintln!("{line}");
    let report = match asked.talk {
        Talk::Quiet => run(seed, size, None),
        Talk::Last => run(seed, size, Some(&mut keep)),
        Talk::Verbose => run(seed, size, Some(&mut talk)),
    };
    for line in last {
        eprintln!("{line}");
    }
    report
}

fn worlds(asked: &Asked) -> Result<(), String> {
    let start = Instant::now();
    let mut all = Report::default();
    for report in reports(asked) {
        all.add(&report.map_err(|broken| broken.to_string())?);
    }
    let line = format!(
        "{} seeds, {} steps, {} events, {} batches, {} merges, {} late, {} crashes, {} restarts, {} virtual \
         hours, done after {} leases, {:.1} s, trace {:016x}",
        asked.seeds,
        all.steps,
        all.events,
        all.batches,
        all.merges,
        all.late,
        all.crashes,
        all.restarts,
        all.millis / 3_600_000,
        all.leases,
        start.elapsed().as_secs_f64(),
        all.trace
    );
    let met: Vec<String> = all.met.iter().map(|(name, count)| format!("{count} {name}")).collect();
    eprintln!("met: {}", met.join(", "));
    say(&line);
    Ok(())
}
