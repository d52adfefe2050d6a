//! Mistakes at the edges of the processes, where the simulation does not see: each is made in a copy
//! of the tree, built, and has to be caught by a short proof.
//!
//! As those of the simulation (docs/decisions/0002), a mutant is an exact replacement of text.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

mod list;
mod tree;

use list::{MUTANTS, Mutant};
use tree::{Ran, Tree};

/// How long a proof may run until it has caught a mutant.
const CAUGHT_WITHIN: Duration = Duration::from_secs(60);

/// Makes each mistake and gives a line for each that was caught.
///
/// # Errors
/// One is not caught, or not in time; or a proof fails without a mistake.
pub fn prove() -> Result<Vec<String>> {
    let tree = Tree::copied()?;
    tree.build()?;
    let mut lines = Vec::new();
    for proof in list::proofs() {
        let Ran { passed, said, took } = tree.run(proof)?;
        ensure!(passed, "without a mistake, {proof} fails: {said}");
        lines.push(format!("no mistake: {proof} passes in {:.0} s", took.as_secs_f64()));
    }
    let mut missed = Vec::new();
    for mutant in &MUTANTS {
        let line = caught(&tree, mutant)?;
        match line {
            Some(line) => lines.push(line),
            None => missed.push(mutant.name),
        }
    }
    ensure!(missed.is_empty(), "not caught in time: {missed:?}\n{}", lines.join("\n"));
    Ok(lines)
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
