//! Every bound has its reason where it stands.

use crate::scrub::scrub;
use crate::{Tree, Violation};

const FILE: &str = "shared/src/limits.rs";
/// Words that a reason has at least.
const WORDS_MIN: usize = 4;

/// Constants of `limits.rs` without a reason; a few constants in a row may not share one.
pub fn each_limit_has_a_reason(tree: &Tree) -> Vec<Violation> {
    let Some(text) = tree.text(FILE) else {
        return vec![Violation::new(FILE, "is missing; every bound lives there")];
    };
    let scrubbed = scrub(text);
    let mut broken = Vec::new();
    let mut words = 0;
    for (number, (line, code)) in text.lines().zip(scrubbed.lines()).enumerate() {
        if let Some(comment) = line.trim_start().strip_prefix("///") {
            words += comment.split_whitespace().count();
        } else if code.trim_start().starts_with("pub const ") {
            if words < WORDS_MIN {
                broken.push(Violation::at(FILE, number, "a bound without its reason above it"));
            }
            words = 0;
        } else if !code.trim().is_empty() && !code.trim_start().starts_with('#') {
            words = 0;
        }
    }
    broken
}
