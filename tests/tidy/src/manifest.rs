//! Manifests: each dependency has its reason where it is named, and members invent nothing.

use crate::{Tree, Violation};

/// Lines of `[workspace.dependencies]` without a reason above them or with default features.
///
/// A reason begins with the crate's name: `# quinn: QUIC`. Our own rooms need none.
pub fn each_dependency_has_a_reason(tree: &Tree) -> Vec<Violation> {
    const FILE: &str = "Cargo.toml";
    let Some(text) = tree.text(FILE) else {
        return vec![Violation::new(FILE, "is missing")];
    };
    let mut broken = Vec::new();
    let mut before = "";
    for (number, line) in section(text, "[workspace.dependencies]") {
        if let Some((name, value)) = line.split_once(" = ") {
            let is_own = value.contains("path = ");
            let reason = before.strip_prefix(&format!("# {name}: ")).unwrap_or("");
            if !is_own && reason.trim().is_empty() {
                let why = format!("{name} needs its reason above it: `# {name}: why`");
                broken.push(Violation::at(FILE, number, why));
            }
            if !is_own && !value.contains("default-features = false") {
                let why = format!("{name} needs `default-features = false`");
                broken.push(Violation::at(FILE, number, why));
            }
        }
        before = line;
    }
    broken
}

/// Members that do not take lints and dependencies from the workspace.
pub fn members_follow_the_workspace(tree: &Tree) -> Vec<Violation> {
    const SECTIONS: [&str; 3] = ["[dependencies]", "[dev-dependencies]", "[build-dependencies]"];
    let mut broken = Vec::new();
    for (path, text) in tree.ending("/Cargo.toml") {
        if !section(text, "[lints]").any(|(_, line)| line == "workspace = true") {
            broken.push(Violation::new(path, "needs `[lints] workspace = true`"));
        }
        for heading in SECTIONS {
            for (number, line) in section(text, heading) {
                let is_entry = line.contains('=') && !line.starts_with('#');
                if is_entry && !line.replace(' ', "").contains("workspace=true") {
                    let why = "take the dependency from the workspace, where its reason stands";
                    broken.push(Violation::at(path, number, why));
                }
            }
        }
    }
    broken
}

/// The lines of a section, with their numbers from 0.
fn section<'a>(text: &'a str, heading: &str) -> impl Iterator<Item = (usize, &'a str)> {
    text.lines()
        .enumerate()
        .skip_while(move |(_, line)| line.trim() != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
}
