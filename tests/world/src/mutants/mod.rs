//! Mistakes at the edges of the processes, where the simulation does not see: each is made in a copy
//! of the tree, built, and has to be caught by a short proof.
//!
//! As those of the simulation (docs/decisions/0002), a mutant is an exact replacement of text.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

mod list;
mod tree;

use list::{MUTANTS, Mutant};
use tree::{Ran, Tree};

/// How long a proof may run until it has caught a mutant.
const CAUGHT_WITHIN: Duration = Duration::from_secs(60);

/// Makes each mistake, or only the one with that number from 1 on, and gives a line for each that was
/// caught. Lines are said as they come, too: it takes a while.
///
/// # Errors
/// One is not caught, or not in time; or a proof fails without a mistake.
pub fn prove(only: Option<usize>) -> Result<Vec<String>> {
    let is_meant = |number: usize| only.is_none_or(|only| only == number);
    let meant = (1..).zip(&MUTANTS).filter(|(number, _)| is_meant(*number));
    let meant: Vec<&Mutant> = meant.map(|(_, mutant)| mutant).collect();
    ensure!(!meant.is_empty(), "there are {} mutants", MUTANTS.len());
    let tree = Tree::copied()?;
    tree.build()?;
    let mut lines = Vec::new();
    let proofs: BTreeSet<&str> = meant.iter().map(|mutant| mutant.proof).collect();
    for proof in proofs {
        let Ran { passed, said, took } = tree.run(proof)?;
        ensure!(passed, "without a mistake, {proof} fails: {said}");
        lines.push(format!("no mistake: {proof} passes in {:.0} s", took.as_secs_f64()));
        say(&lines);
    }
    let mut missed = Vec::new();
    for mutant in meant {
        match caught(&tree, mutant)? {
            Some(line) => lines.push(line),
            None => missed.push(mutant.name),
        }
        say(&lines);
    }
    ensure!(missed.is_empty(), "not caught in time: {missed:?}\n{}", lines.join("\n"));
    Ok(lines)
}

/// Says the last line.
fn say(lines: &[String]) {
    // Nobody may listen.
    let _closed = writeln!(stderr(), "{}", lines.last().map_or("", |line| line));
}

/// Who caught a mutant, if it was.
fn caught(tree: &Tree, mutant: &Mutant) -> Result<Option<String>> {
    let mut sound = Vec::new();
    for change in mutant.changes {
        let path = tree.path(change.file);
        let text = fs::read_to_string(&path).with_context(|| change.file.to_owned())?;
        let found = text.matches(change.before).count();
        ensure!(found == 1, "{}: its text stands {found} times in {}", mutant.name, change.file);
        fs::write(&path, text.replace(change.before, change.after))?;
        sound.push((path, text));
    }
    let ran = tree.build().and_then(|()| tree.run(mutant.proof));
    for (path, text) in sound {
        fs::write(path, text)?;
    }
    let Ran { passed, said, took } = ran.with_context(|| mutant.name)?;
    let in_time = !passed && took <= CAUGHT_WITHIN;
    Ok(in_time.then(|| {
        let seconds = took.as_secs_f64();
        format!("{}: caught by {} in {seconds:.0} s: {said}", mutant.name, mutant.proof)
    }))
}

/// The time since, and what it gave.
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (run(), start.elapsed())
}
