//! What may lie at the top of the tree.

use crate::{Tree, Violation};

const TOP: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "server", "client", "shared", "tests", "docs", "README.md"];

/// Files and folders at the top that have no business there, and those that are missing.
pub fn top_level(tree: &Tree) -> Vec<Violation> {
    let top = tree.top();
    let is_known =
        |name: &str| TOP.contains(&name) || name.starts_with('.') || name.starts_with("LICENSE");
    let stray = top.iter().filter(|name| !is_known(name)).map(|name| {
        Violation::new(*name, "does not belong at the top; rooms, docs and dotfiles do")
    });
    let missing = TOP
        .iter()
        .filter(|name| !top.contains(name))
        .map(|name| Violation::new(*name, "is missing"));
    stray.chain(missing).collect()
}
