//! Files and functions stay small enough to be read at once.
//!
//! The numbers only go down.

use crate::scrub::{block_end, scrub};
use crate::{Tree, Violation};

/// Lines of one Rust file at most.
pub const FILE_LINES_MAX: usize = 500;
/// The median file has fewer lines.
pub const MEDIAN_LINES_BELOW: usize = 150;
/// Lines of code of one function at most, as clippy's `too_many_lines` counts: without comments and
/// empty lines, between the braces.
pub const FUNCTION_LINES_MAX: usize = 60;

/// Files over the maximum, and the median of all.
pub fn file_sizes(tree: &Tree) -> Vec<Violation> {
    let mut sizes = Vec::new();
    let mut broken = Vec::new();
    for (path, text) in tree.sources() {
        let lines = text.lines().count();
        sizes.push(lines);
        if lines > FILE_LINES_MAX {
            let why = format!("{lines} lines; a file has at most {FILE_LINES_MAX}");
            broken.push(Violation::new(path, why));
        }
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    if median >= MEDIAN_LINES_BELOW {
        let why = format!("the median file has {median} lines; fewer than {MEDIAN_LINES_BELOW}");
        broken.push(Violation::new("the tree", why));
    }
    broken
}

/// Functions over the maximum, tests included.
pub fn function_sizes(tree: &Tree) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (path, text) in tree.sources() {
        let scrubbed = scrub(text);
        let lines: Vec<&str> = scrubbed.lines().collect();
        for start in (0..lines.len()).filter(|&line| starts_function(lines[line])) {
            let end = block_end(&lines, start);
            let code = lines[start..end].iter().filter(|line| !line.trim().is_empty()).count();
            // The line that opens the body is not between the braces.
            let body = code.saturating_sub(head_lines(&lines[start..end]));
            if body > FUNCTION_LINES_MAX {
                let why = format!("a function of {body} lines; at most {FUNCTION_LINES_MAX}");
                broken.push(Violation::at(path, start, why));
            }
        }
    }
    broken
}

fn starts_function(line: &str) -> bool {
    const BEFORE: [&str; 7] =
        ["pub", "pub(crate)", "pub(super)", "const", "async", "extern", "unsafe"];
    let mut words = line.split_whitespace().skip_while(|word| BEFORE.contains(word));
    words.next() == Some("fn")
}

fn head_lines(lines: &[&str]) -> usize {
    lines.iter().position(|line| line.contains('{')).map_or(0, |line| line + 1)
}
