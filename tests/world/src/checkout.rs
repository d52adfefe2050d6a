//! Where things are: this checkout, the sample in it, and the reference data beside it.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Golden;

/// The root of the checkout.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// The sample corpus that was written for this project.
pub fn sample() -> PathBuf {
    root().join("tests/world/sample")
}

/// The reference data and its golden results, which lie beside the checkout in `shared/`.
///
/// None if they are not there; that is said loudly, because a proof that needs them is then no
/// proof.
pub fn reference() -> Option<Golden> {
    let shared = root().join("../shared");
    let golden = Golden::new(&shared.join("data"), &shared.join("golden/open"));
    if golden.is_none() {
        skipped(&format!("no reference data in {}", shared.display()));
    }
    golden
}

/// Says that a proof was not made. Loud: past the test harness, and counted by `cargo check-all`.
pub fn skipped(why: &str) {
    let _closed =
        writeln!(std::io::stderr(), "SKIPPED: {why}; nothing is proved by this test here");
}
