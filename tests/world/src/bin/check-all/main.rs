//! `cargo check-all`: every check and test, in the order in which they fail fastest.
//!
//! All steps run even if one fails; the last line counts. A step that is no test counts as one.

mod count;
mod step;

use std::io::{Write, stderr};
use std::process::ExitCode;
use std::time::Instant;

use count::Count;
use step::{STEPS, Step};

fn main() -> ExitCode {
    let start = Instant::now();
    let mut all = Count::default();
    let mut table = String::new();
    for step in STEPS {
        let began = Instant::now();
        let count = run(&step);
        let seconds = began.elapsed().as_secs();
        table.push_str(&format!(
            "{:<14} {:>5} passed {:>4} failed {:>6} s\n",
            step.name, count.passed, count.failed, seconds
        ));
        all.add(&count);
    }
    let skipped: String = all.skipped.iter().map(|line| format!("{line}\n")).collect();
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    say(&format!("\n{table}{skipped}{minutes:.1} minutes"));
    say(&format!("{} passed, {} failed", all.passed, all.failed));
    if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(step: &Step) -> Count {
    say(&format!("\n== {}: {}", step.name, step.shown()));
    match step.run() {
        Ok(count) => count,
        Err(error) => {
            say(&format!("{} cannot be run: {error}", step.name));
            Count { failed: 1, ..Count::default() }
        }
    }
}

fn say(line: &str) {
    // Nobody reads any more: the exit code still tells.
    let _closed = writeln!(stderr(), "{line}");
}
