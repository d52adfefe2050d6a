//! The simulation must notice mistakes: each of these, made in a copy of the sources, is caught.
//!
//! A mutant is one exact replacement of text. The copy is a small workspace of its own, built
//! offline below the target folder; nothing in the engine knows of this.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, io};

/// A mistake: in which file, what stands there, and what stands there instead.
struct Mutant {
    name: &'static str,
    file: &'static str,
    before: &'static str,
    after: &'static str,
}

const ROOMS: [&str; 3] = ["shared", "server/engine", "tests/sim"];

const MUTANTS: [Mutant; 31] = [
    Mutant {
        name: "quorum off by one",
        file: "server/engine/src/verdict.rs",
        before: "self.best >= self.copies && 2",
        after: "self.best + 1 >= self.copies && 2",
    },
    Mutant {
        name: "half counts as a majority",
        file: "server/engine/src/verdict.rs",
        before: "2 * self.best > self.returned",
        after: "2 * self.best >= self.returned",
    },
    Mutant {
        name: "an own copy that is out is ignored",
        file: "server/engine/src/verdict.rs",
        before: "if out.own == 0 {\n        if",
        after: "if out.own < 99 {\n        if",
    },
    Mutant {
        name: "strangers overrule own hosts",
        file: "server/engine/src/verdict.rs",
        before: "best_of_strangers(votes, own_outcome)",
        after: "best_of_strangers(votes, None)",
    },
    Mutant {
        name: "told before the commit",
        file: "tests/sim/src/driver.rs",
        before: "store.commit(&batch.writes, &batch.causes)?;
                self.tell(store, batch.tells, &mut told)?;",
        after: "self.tell(store, batch.tells, &mut told)?;
                store.commit(&batch.writes, &batch.causes)?;",
    },
    Mutant {
        name: "the engine lives on after a failed commit",
        file: "tests/sim/src/server.rs",
        before: "Fate::Fails | Fate::Unknown if self.service == Service::Up => self.restart(),",
        after: "Fate::Fails if self.service == Service::Up => Ok(()),
            Fate::Unknown if self.service == Service::Up => self.restart(),",
    },
    Mutant {
        name: "the engine lives on after a commit whose end is not known",
        file: "tests/sim/src/server.rs",
        before: "Fate::Fails | Fate::Unknown if self.service == Service::Up => self.restart(),",
        after: "Fate::Unknown if self.service == Service::Up => Ok(()),
            Fate::Fails if self.service == Service::Up => self.restart(),",
    },
    Mutant {
        name: "the end of a clone's connection is taken for the other's",
        file: "tests/sim/src/server.rs",
        before: "Up::Lost if is_current => {",
        after: "Up::Lost if is_current || self.is_up() => {",
    },
    Mutant {
        name: "a clone keeps leases that it does not state",
        file: "server/engine/src/connect.rs",
        before: "filter(|lease| !stated.contains(lease)).collect();",
        after: "filter(|lease| !stated.contains(lease)).take(0).collect();",
    },
    Mutant {
        name: "a clock that jumps ends leases",
        file: "tests/sim/src/clock.rs",
        before: "self.uptime(now)",
        after: "self.wall(now)",
    },
    Mutant {
        name: "a wake-up is forgotten",
        file: "server/engine/src/lease.rs",
        before: "self.waiting.stir();
        let Some(job)",
        after: "let Some(job)",
    },
    Mutant {
        name: "anybody may hand a lease back",
        file: "server/engine/src/lease.rs",
        before: "grant.host.id == host &&",
        after: "grant.host.id.0[0] <= host.0[0].max(255) &&",
    },
    Mutant {
        name: "a lease that ended is watched on",
        file: "server/engine/src/lease.rs",
        before: "grant.open -= 1;
        self.deadlines.remove(&(open.until, lease));",
        after: "grant.open -= 1;",
    },
    Mutant {
        name: "a lease never runs out",
        file: "server/engine/src/lease.rs",
        before: "&& until <= self.now",
        after: "&& until.0 == u64::MAX",
    },
    Mutant {
        name: "a settled unit is merged again",
        file: "server/engine/src/returned.rs",
        before: "return Hearing::No(if settled { Receipt::Late } else { Receipt::Gone });",
        after: "if !settled {
                return Hearing::No(Receipt::Gone);
            }
            job.units.insert(place, crate::unit::Unit::new(Trace::Grants));
            self.units_open += 1;
            return Hearing::Counts(None);",
    },
    Mutant {
        name: "a late result is voted",
        file: "server/engine/src/returned.rs",
        before: "(Standing::Stranger, None) => Hearing::No(Receipt::Late),",
        after: "(Standing::Stranger, None) => Hearing::Counts(None),",
    },
    Mutant {
        name: "a result is acknowledged and not kept",
        file: "server/engine/src/returned.rs",
        before: "self.write(Write::ResultInsert { unit: key, vote });",
        after: "",
    },
    Mutant {
        name: "a host votes twice",
        file: "server/engine/src/returned.rs",
        before: "if unit.has_vote_of(host) {",
        after: "if unit.has_vote_of(host) && host.standing == Standing::Stranger {",
    },
    Mutant {
        name: "an account gets two copies",
        file: "server/engine/src/unit.rs",
        before: "voice.id != host.id && !is_same_stranger(voice, host)",
        after: "voice.id != host.id",
    },
    Mutant {
        name: "the first slice not leased is written too late",
        file: "server/engine/src/schedule.rs",
        before: "self.job_changed(id);\n            self.refill(id);",
        after: "self.refill(id);",
    },
    Mutant {
        name: "the first slice not leased is written too early",
        file: "server/engine/src/engine.rs",
        before: "self.jobs.get(&job).map(|job| job.row);",
        after: "self.jobs.get(&job).map(|job| JobRow {
                next_slice: job.row.next_slice.saturating_add(1).min(job.row.slices),
                ..job.row
            });",
    },
    Mutant {
        name: "a unit handed back leaves no trace",
        file: "server/engine/src/lease.rs",
        before: "let lost = unit.trace == Trace::Grants && unit.held.is_empty();",
        after: "let lost = false;",
    },
    Mutant {
        name: "an ended lease stays in the store",
        file: "server/engine/src/lease.rs",
        before: "self.write(Write::LeasesEnd { grant, indices });",
        after: "drop(indices);",
    },
    Mutant {
        name: "split loses a document",
        file: "shared/src/unit.rs",
        before: "count: self.count - count }",
        after: "count }",
    },
    Mutant {
        name: "a unit is given up whole",
        file: "server/engine/src/returned.rs",
        before: "(settlement, key.docs.halves())",
        after: "(settlement, key.docs.halves().filter(|_| key.docs.count < 4))",
    },
    Mutant {
        name: "a spare counts as a slot of its own",
        file: "server/engine/src/spare.rs",
        before: "found.push((place, held.slot));",
        after: "found.push((place, unit.free_slot()));",
    },
    Mutant {
        name: "both copies of a slot may be voted",
        file: "server/engine/src/returned.rs",
        before: "if let Some(other) = job.take_slot(Place::of(key), held.slot) {",
        after: "if let Some(other) = job.take_slot(Place::of(key), u8::MAX) {",
    },
    Mutant {
        name: "a spare goes to an account that has a voice",
        file: "server/engine/src/spare.rs",
        before: "&& unit.may_be_taken_by(&asker.host)",
        after: "&& unit.held.iter().all(|held| held.host.id != asker.host.id)",
    },
    Mutant {
        name: "a restart forgets which copies fill one slot",
        file: "server/engine/src/restore.rs",
        before: "job.hold(place, Held { lease, host, slot, since, rounds });",
        after: "let _ = slot;
            let slot = job.units.get(&place).map_or(0, Unit::free_slot);
            job.hold(place, Held { lease, host, slot, since, rounds });",
    },
    Mutant {
        name: "a grant's number is used twice",
        file: "server/engine/src/restore.rs",
        before: "snapshot.last_grant.map_or(0, |grant| grant.0);",
        after: "snapshot.grants.iter().map(|row| row.grant.0).max().unwrap_or(0);",
    },
    Mutant {
        name: "a restart forgets that a job finishes",
        file: "server/engine/src/restore.rs",
        before: "self.tell(Tell::Finish { job, generation });",
        after: "let _ = (job, generation, Tell::Finish { job, generation });",
    },
];

type Anyhow<T> = Result<T, Box<dyn Error>>;

#[test]
fn the_simulation_catches_every_mistake() -> Anyhow<()> {
    let tree = Tree::copied()?;
    let sound = tree.run()?;
    assert!(sound.status.success(), "the copy without a mistake: {}", said(&sound));

    let mut missed = vec![];
    for mutant in &MUTANTS {
        let sound = fs::read_to_string(tree.root.join(mutant.file))?;
        let found = sound.matches(mutant.before).count();
        assert_eq!(found, 1, "{}: its text stands {found} times in {}", mutant.name, mutant.file);
        fs::write(tree.root.join(mutant.file), sound.replace(mutant.before, mutant.after))?;
        let output = tree.run();
        fs::write(tree.root.join(mutant.file), sound)?;
        let output = output.map_err(|error| format!("{}: {error}", mutant.name))?;
        if output.status.code() == Some(1) {
            eprintln!("{}: {}", mutant.name, said(&output));
        } else {
            missed.push(mutant.name);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
    Ok(())
}

/// A copy of the sources, and where it is built.
struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    fn copied() -> Anyhow<Self> {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        let tree = Self { root: base.join("tree"), target: base.join("target") };
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for room in ROOMS {
            let (from, to) = (home.join(room), tree.root.join(room));
            if to.exists() {
                fs::remove_dir_all(&to)?;
            }
            copy_all(&from.join("src"), &to.join("src"))?;
            fs::copy(from.join("Cargo.toml"), to.join("Cargo.toml"))?;
        }
        fs::copy(home.join("Cargo.lock"), tree.root.join("Cargo.lock"))?;
        let whole = fs::read_to_string(home.join("Cargo.toml"))?;
        fs::write(tree.root.join("Cargo.toml"), of_these_rooms(&whole)?)?;
        Ok(tree)
    }

    /// Builds the copy and runs some seeds in it.
    fn run(&self) -> Anyhow<Output> {
        let cargo = |arguments: &[&str]| {
            Command::new(env!("CARGO"))
                .current_dir(&self.root)
                .args(arguments)
                .args(["--offline", "--quiet", "-p", "gleaner-sim", "--bin", "sim"])
                .arg("--target-dir")
                .arg(&self.target)
                .output()
        };
        let built = cargo(&["build"])?;
        if !built.status.success() {
            return Err(format!("does not build: {}", said(&built)).into());
        }
        let program = self.target.join("debug/sim");
        Ok(Command::new(program).args(["--seeds", "400", "--units", "60"]).output()?)
    }
}

/// The workspace's manifest with these rooms as its only members.
fn of_these_rooms(whole: &str) -> Anyhow<String> {
    let (head, rest) = whole.split_once("members = [").ok_or("no members in Cargo.toml")?;
    let (_, tail) = rest.split_once(']').ok_or("no end of members in Cargo.toml")?;
    Ok(format!("{head}members = {ROOMS:?}{tail}"))
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_all(&source, &target)?;
        } else {
            fs::copy(source, target)?;
        }
    }
    Ok(())
}

fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.chars().take(300).collect()
}
