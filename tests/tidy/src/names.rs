//! No file or folder is named after nothing in particular.

use crate::{Tree, Violation};

const CATCH_ALL: [&str; 9] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "stuff"];

/// Modules whose name says nothing of what is in them.
pub fn no_catch_all_modules(tree: &Tree) -> Vec<Violation> {
    let is_catch_all = |part: &str| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        stem.split('_').any(|word| CATCH_ALL.contains(&word))
    };
    tree.sources()
        .filter(|(path, _)| path.split('/').any(is_catch_all))
        .map(|(path, _)| Violation::new(path, "name it after the one idea that it holds"))
        .collect()
}
