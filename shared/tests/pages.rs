//! The pages in docs hang together: links lead somewhere, decisions are numbered and whole, lines fit.

use std::fs;
use std::path::{Path, PathBuf};

/// Letters of a line outside tables and blocks.
const LINE_MAX: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder of pages") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(PathBuf, String)> {
    let mut found = vec![root().join("README.md")];
    pages(&root().join("docs"), &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).expect("UTF-8"))).collect()
}

/// Lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for (path, text) in all() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains("://") {
                continue;
            }
            seen += 1;
            let there = path.parent().unwrap().join(target);
            assert!(there.exists(), "{}: {link} leads nowhere", path.display());
        }
    }
    assert!(seen > 20, "{seen} links");
}

#[test]
fn lines_fit() {
    for (path, text) in all().into_iter().filter(|(path, _)| !path.ends_with("README.md")) {
        for line in prose(&text).filter(|line| !line.starts_with(['|', ' '])) {
            let letters = line.chars().count();
            assert!(letters <= LINE_MAX, "{}: {letters} letters: {line}", path.display());
        }
    }
}

#[test]
fn decisions_are_numbered_and_whole() {
    let mut found = Vec::new();
    pages(&root().join("docs/decisions"), &mut found);
    found.sort();
    for (index, path) in found.iter().enumerate() {
        let (number, name) = (index + 1, path.file_name().unwrap().to_string_lossy());
        let text = fs::read_to_string(path).unwrap();
        assert!(name.starts_with(&format!("{number:04}-")), "{name} is number {number}");
        assert!(text.starts_with(&format!("# {number}. ")), "{name} has another number inside");
        for part in ["**Question.**", "**Choice.**", "**What would change it.**"] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
    }
    assert!(found.len() > 10, "{} decisions", found.len());
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let pages = all();
    let canonical = |path: &Path| path.canonicalize().unwrap();
    let mut reached = vec![canonical(&root().join("README.md"))];
    let mut at = 0;
    while let Some(path) = reached.get(at).cloned() {
        at += 1;
        let text = fs::read_to_string(&path).unwrap_or_default();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let target = path.parent().unwrap().join(link);
            if target.is_file() && !reached.contains(&canonical(&target)) {
                reached.push(canonical(&target));
            }
        }
    }
    for (path, _) in pages {
        assert!(reached.contains(&canonical(&path)), "no link leads to {}", path.display());
    }
}
