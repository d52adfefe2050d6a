//! The steps, and how one is run: its output passes through and is counted.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use gleaner_world::root;

use crate::count::Count;

/// One step: a cargo command.
pub(crate) struct Step {
    /// For the table.
    pub(crate) name: &'static str,
    /// What cargo is told.
    words: &'static str,
    /// A setting of its environment.
    setting: Option<(&'static str, &'static str)>,
}

const fn step(name: &'static str, words: &'static str) -> Step {
    Step { name, words, setting: None }
}

/// Always the whole workspace where cargo lets us: so features are the same in each step, and nothing
/// is built twice.
pub(crate) const STEPS: [Step; 8] = [
    step("formatting", "fmt --all --check"),
    step("tidy", "test --locked --no-fail-fast --workspace --test tree --test planted"),
    step("clippy", "clippy --locked --workspace --all-targets -- -D warnings"),
    Step {
        name: "rustdoc",
        words: "doc --locked --workspace --no-deps",
        setting: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
    step(
        "tests",
        "test --locked --no-fail-fast --workspace --exclude gleaner-tidy --exclude gleaner-world",
    ),
    step(
        "simulation",
        "run --quiet --locked --package gleaner-sim --bin sim -- --seeds 1000 --units 1000",
    ),
    // With what only tests have, as tests/world/src/binaries.rs builds them.
    step(
        "programs",
        "build --locked --workspace --bins --test disks --features \
         gleaner-server/failpoints,gleaner-client/failpoints,\
         gleaner-server/faults,gleaner-client/faults,gleaner-admin/faults",
    ),
    step("end to end", "test --locked --no-fail-fast --package gleaner-world"),
];

impl Step {
    /// The command as a person would type it.
    pub(crate) fn shown(&self) -> String {
        let setting = self.setting.map(|(name, value)| format!("{name}=\"{value}\" "));
        format!("{}cargo {}", setting.unwrap_or_default(), self.words)
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> io::Result<Count> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(self.words.split(' ')).envs(self.setting).current_dir(root());
        let mut child = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let errors = thread::spawn(move || err.map(|err| pass(err, io::stderr())));
        let mut count = out.map(|out| pass(out, io::stdout())).unwrap_or_default();
        count.add(&errors.join().ok().flatten().unwrap_or_default());
        let good = child.wait()?.success();
        match (good, count.passed + count.failed) {
            // No test at all: the step itself is what passed.
            (true, 0) => count.passed = 1,
            (false, _) if count.failed == 0 => count.failed = 1,
            _ => {}
        }
        Ok(count)
    }
}

/// Passes lines on and counts what they say.
fn pass(from: impl Read, mut to: impl Write) -> Count {
    let mut count = Count::default();
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        // Whether anybody reads is not for this step to judge.
        let _closed = to.write_all(&line);
        count.read(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    count
}
