//! A copy of the tree below the target folder, and how it is built and asked for proofs there.
//!
//! It is built in the checkout's own target folder, where all foreign crates are built already; the
//! programs there are the copy's then, until somebody builds them again, as every proof does.

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use super::timed;
use crate::binaries::FEATURES;
use crate::root;

/// What is copied: all that is built, and what the proofs read.
const COPIED: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    ".clippy.toml",
    "client",
    "docs",
    "server",
    "shared",
    "tests",
];
/// Letters of a proof's last words that are shown.
const SAID_MAX: usize = 160;

/// See the file's head.
#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

/// What a proof did.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) passed: bool,
    pub(super) said: String,
    pub(super) took: Duration,
}

impl Tree {
    /// A copy of this checkout; files that are the same are not written, so that little is built.
    pub(super) fn copied() -> Result<Self> {
        let base = root().join("target/mutants");
        let target = env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
        let tree = Self { root: base.join("tree"), target };
        fs::create_dir_all(&tree.root)?;
        for name in COPIED {
            copy(&root().join(name), &tree.root.join(name))?;
        }
        // The reference data lies beside a checkout.
        let data = base.join("shared");
        if !data.exists() {
            symlink(root().join("../shared").canonicalize()?, data)?;
        }
        Ok(tree)
    }

    /// A file of it.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// Builds it as tests are built.
    pub(super) fn build(&self) -> Result<()> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--workspace", "--bins", "--test", "disks"]);
        cargo.args(["--features", FEATURES]).envs(self.settings());
        let output = cargo.current_dir(&self.root).output()?;
        if !output.status.success() {
            bail!("it does not build: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Asks for a proof, in the words of `cargo proof`.
    pub(super) fn run(&self, proof: &str) -> Result<Ran> {
        let mut program = Command::new(self.target.join("debug/proof"));
        program.args(proof.split(' ')).envs(self.settings()).current_dir(&self.root);
        let (output, took) = timed(|| program.output());
        let output = output.context("the copy has no proofs")?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = words.lines().rfind(|line| line.starts_with("not shown: "));
        let said = last.unwrap_or_default().chars().take(SAID_MAX).collect();
        self.forget(&words)?;
        Ok(Ran { passed: output.status.success(), said, took })
    }

    fn settings(&self) -> [(&'static str, OsString); 1] {
        [("CARGO_TARGET_DIR", self.target.clone().into())]
    }

    /// A failed proof leaves its world, which nobody looks at here.
    fn forget(&self, words: &str) -> Result<()> {
        for line in words.lines() {
            let world = line.split_once("this world, which stays in ").map(|(_, world)| world);
            if let Some(world) = world.and_then(|world| world.strip_suffix(':')) {
                fs::remove_dir_all(world).with_context(|| world.to_owned())?;
            }
        }
        Ok(())
    }
}

/// Copies a file or a folder; what is not there any more goes.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        let text = fs::read(from).with_context(|| from.display().to_string())?;
        if fs::read(to).ok().as_ref() != Some(&text) {
            fs::write(to, text)?;
        }
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !from.join(entry.file_name()).exists() {
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
