//! The three programs, built by cargo and found where cargo says.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::checkout::root;

/// How programs are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As tests are: dependencies optimised a little, failpoints compiled in and asleep.
    Dev,
    /// As they are used.
    Release,
}

/// Where the three programs are.
#[derive(Clone, Debug)]
pub struct Binaries {
    /// `gleaner-server`.
    pub server: PathBuf,
    /// `gleaner-client`.
    pub client: PathBuf,
    /// `gleaner-admin`.
    pub admin: PathBuf,
}

/// What only tests have. One build for all proofs: with two, programs would be built in turn.
pub(crate) const FEATURES: &str = "gleaner-server/failpoints,gleaner-client/failpoints,\
                        gleaner-server/faults,gleaner-client/faults,gleaner-admin/faults";

const NAMES: [&str; 3] = ["gleaner-server", "gleaner-client", "gleaner-admin"];

impl Binaries {
    /// The programs as tests use them, built once in this process.
    ///
    /// # Errors
    /// If they do not build.
    pub fn for_tests() -> Result<&'static Self> {
        static BUILT: OnceLock<Result<Binaries>> = OnceLock::new();
        let built = BUILT.get_or_init(|| Self::build(Profile::Dev));
        built.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))
    }

    /// Builds them. What cargo says goes to standard error.
    ///
    /// # Errors
    /// If they do not build.
    pub fn build(profile: Profile) -> Result<Self> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // As `cargo check-all` and `cargo build --release` do: with other targets, dependencies would
        // have other features and be built once more. One test is enough for those of all tests.
        cargo.args(["build", "--locked", "--workspace"]);
        match profile {
            Profile::Dev => cargo.args(["--bins", "--test", "disks", "--features", FEATURES]),
            Profile::Release => cargo.arg("--release"),
        };
        cargo.args(["--message-format", "json-render-diagnostics"]);
        let output = cargo.current_dir(root()).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("the programs do not build");
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let find = |name: &str| executable(&said, name).with_context(|| format!("no {name}"));
        let [server, client, admin] = NAMES;
        Ok(Self { server: find(server)?, client: find(client)?, admin: find(admin)? })
    }
}

/// The path of a program in what cargo said.
fn executable(said: &str, name: &str) -> Option<PathBuf> {
    said.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["reason"] == "compiler-artifact"
            && message["target"]["name"] == name
            && message["target"]["kind"] == json!(["bin"])
            && message["profile"]["test"] == false;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    })
}
