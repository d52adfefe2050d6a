//! Pages name files that exist.

use crate::{Tree, Violation};

/// The page that walks through the tree; it has to name some of it.
const WALK: &str = "docs/architecture.md";
/// Files that it names at least.
const NAMED_MIN: usize = 10;
/// Where paths begin.
const TOP: [&str; 7] = ["server/", "client/", "shared/", "tests/", "docs/", ".ci/", ".cargo/"];

/// Paths between backticks, in the README and below `docs/`, that lead nowhere.
pub fn named_files_exist(tree: &Tree) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (page, text) in tree.ending(".md") {
        if page != "README.md" && !page.starts_with("docs/") {
            continue;
        }
        let mut named = 0;
        for (number, line) in text.lines().enumerate() {
            // Every second piece stands between backticks.
            for path in line.split('`').skip(1).step_by(2).filter(|piece| is_path(piece)) {
                named += 1;
                if !tree.has(path) {
                    broken.push(Violation::at(page, number, format!("`{path}` does not exist")));
                }
            }
        }
        if page == WALK && named < NAMED_MIN {
            let why = format!("names {named} files of the walk; at least {NAMED_MIN}");
            broken.push(Violation::new(page, why));
        }
    }
    if tree.text(WALK).is_none() {
        broken.push(Violation::new(WALK, "is missing"));
    }
    broken
}

fn is_path(piece: &str) -> bool {
    TOP.iter().any(|top| piece.starts_with(top))
        && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
}
