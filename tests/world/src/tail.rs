//! The end of a log, for people who look for the cause of a failure.

use std::fs;
use std::path::Path;

/// The last lines of a file, each behind the file's name.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let count = text.lines().count();
    let last = text.lines().skip(count.saturating_sub(lines));
    last.map(|line| format!("  {name}| {line}\n")).collect()
}
