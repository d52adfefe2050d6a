//! Failpoints: those of the sources are those of the page that says why each is safe.

use std::collections::BTreeMap;

use crate::{Tree, Violation};

const PAGE: &str = "docs/faults.md";
/// Whose points there are; the first word of each point's name.
const PROGRAMS: [&str; 2] = ["server", "client"];
const MACROS: [(&str, Refusal); 2] =
    [("crash_point!(\"", Refusal::Never), ("disk_point!(\"", Refusal::ByDisk)];

/// Whether a point may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It may not.
    Never,
    /// The disk may fail or be full.
    ByDisk,
}

impl Refusal {
    /// As the page says what can happen at the point.
    fn word(self) -> &'static str {
        match self {
            Self::Never => "dies",
            Self::ByDisk => "dies, refused",
        }
    }
}

/// A point in the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failpoint {
    /// `server.batch.before`.
    pub name: String,
    /// The file that it is in.
    pub file: String,
    /// Whether the disk may refuse it.
    pub refusal: Refusal,
}

/// All points of the sources, in the order of files and lines.
pub fn failpoints(tree: &Tree) -> Vec<Failpoint> {
    let mut points = Vec::new();
    let is_program = |path: &str| path.split('/').next().is_some_and(|top| PROGRAMS.contains(&top));
    for (path, text) in tree.sources().filter(|(path, _)| is_program(path)) {
        for line in text.lines() {
            for (head, refusal) in MACROS {
                let found = line.split_once(head).and_then(|(_, rest)| rest.split_once('"'));
                points.extend(found.map(|(name, _)| Failpoint {
                    name: name.to_owned(),
                    file: path.to_owned(),
                    refusal,
                }));
            }
        }
    }
    points
}

/// Points that the page does not have, or has otherwise, and rows of the page without a point.
pub fn failpoints_are_documented(tree: &Tree) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut rows = rows(tree.text(PAGE).unwrap_or_default());
    for Failpoint { name, file, refusal } in failpoints(tree) {
        let program = file.split('/').next().unwrap_or_default();
        if name.split('.').next() != Some(program) {
            broken.push(Violation::new(&file, format!("{name} has to begin with `{program}.`")));
        }
        match rows.remove(&name) {
            None => {
                let why = format!("{name} has no row on {PAGE}, or is there twice");
                broken.push(Violation::new(&file, why));
            }
            Some((number, cells)) => {
                let whole = cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty());
                if !whole || cells[1] != refusal.word() {
                    let why = format!("{name} needs: where, `{}`, why", refusal.word());
                    broken.push(Violation::at(PAGE, number, why));
                }
            }
        }
    }
    let stray = rows
        .into_iter()
        .map(|(name, (number, _))| Violation::at(PAGE, number, format!("{name} is in no source")));
    broken.extend(stray);
    broken
}

/// The rows of the page by their points: line and the cells behind the name.
fn rows(page: &str) -> BTreeMap<String, (usize, Vec<&str>)> {
    let mut rows = BTreeMap::new();
    for (number, line) in page.lines().enumerate() {
        let Some(row) = line.strip_prefix("| `").and_then(|row| row.strip_suffix('|')) else {
            continue;
        };
        let Some((name, rest)) = row.split_once("` |") else { continue };
        rows.insert(name.to_owned(), (number, rest.split('|').map(str::trim).collect()));
    }
    rows
}
