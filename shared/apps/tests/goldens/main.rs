//! The apps against the specification's vectors and whole golden outputs.
//!
//! The data lies beside the checkout; without it these say so and pass.

mod corpus;
mod files;
mod outputs;
mod vectors;

use std::path::{Path, PathBuf};

/// A file or folder beside the checkout, or `None`, loudly.
fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}
