//! What cargo knows of the workspace: its members and what each of them names.

use std::fmt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its folder from the root: `server/engine`.
    pub room: String,
    /// What it names.
    pub dependencies: Vec<Dependency>,
}

/// A dependency as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The room of one of our own crates, or the name of a foreign one.
    pub name: String,
    /// For what.
    pub kind: Kind,
    /// The features asked for.
    pub features: Vec<String>,
}

/// For what a crate is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For the crate itself, or to build it.
    Code,
    /// For its tests only.
    Tests,
}

/// Cargo did not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataError(String);

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cargo metadata: {}", self.0)
    }
}

impl std::error::Error for MetadataError {}

/// The members of the workspace at `root`.
///
/// # Errors
/// If cargo cannot be run, refuses, or answers in another form.
pub fn packages(root: &Path) -> Result<Vec<Package>, MetadataError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|error| MetadataError(error.to_string()))?;
    if !output.status.success() {
        return Err(MetadataError(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let answer: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| MetadataError(error.to_string()))?;
    read(&answer).ok_or_else(|| MetadataError("the answer has another form".to_owned()))
}

fn read(answer: &Value) -> Option<Vec<Package>> {
    let root = answer["workspace_root"].as_str()?;
    answer["packages"].as_array()?.iter().map(|package| read_package(package, root)).collect()
}

fn read_package(package: &Value, root: &str) -> Option<Package> {
    let manifest = package["manifest_path"].as_str()?;
    let room = manifest.strip_prefix(root)?.strip_suffix("/Cargo.toml")?.strip_prefix('/')?;
    let dependencies = package["dependencies"].as_array()?.iter();
    Some(Package {
        room: room.to_owned(),
        dependencies: dependencies
            .map(|value| read_dependency(value, root))
            .collect::<Option<_>>()?,
    })
}

fn read_dependency(value: &Value, root: &str) -> Option<Dependency> {
    let own = value["path"].as_str().and_then(|path| path.strip_prefix(root)?.strip_prefix('/'));
    let features = value["features"].as_array()?.iter();
    Some(Dependency {
        name: own.or_else(|| value["name"].as_str())?.to_owned(),
        kind: if value["kind"] == "dev" { Kind::Tests } else { Kind::Code },
        features: features.map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?,
    })
}
