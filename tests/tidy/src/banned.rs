//! Words that must not stand in code, and where.
//!
//! Comments and literals do not count, but for notes of unfinished work, which live in comments.

use crate::scrub::{scrub, test_lines};
use crate::{Tree, Violation};

/// Where a word is banned.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    /// In all code but that of tests.
    Code,
    /// In all code.
    All,
    /// In all code but that of tests of the rooms that have no clock and no I/O.
    Pure,
    /// Everywhere, comments included.
    Notes,
}

const WORDS: [(&str, Where, &str); 16] = [
    (".unwrap()", Where::Code, "say with expect why it holds, or return the error"),
    ("#[allow", Where::All, "use #[expect] with a reason"),
    ("#![allow", Where::All, "use #![expect] with a reason"),
    ("todo!", Where::All, "finish it"),
    ("unimplemented!", Where::All, "finish it"),
    ("dbg!", Where::All, "remove it"),
    ("FIXME", Where::Notes, "mend it, or open an issue"),
    ("TODO", Where::Notes, "finish it, or open an issue"),
    ("To be written", Where::Notes, "write it"),
    ("Instant::now", Where::Pure, "time is handed in"),
    ("SystemTime::now", Where::Pure, "time is handed in"),
    ("std::fs", Where::Pure, "bytes are handed in"),
    ("std::net", Where::Pure, "bytes are handed in"),
    ("std::env", Where::Pure, "settings are handed in"),
    ("std::thread", Where::Pure, "the caller decides about threads"),
    ("std::process", Where::Pure, "the caller decides about processes"),
];

/// Rooms without a clock, I/O and chance.
const PURE: [&str; 4] =
    ["shared/src/", "shared/apps/src/", "shared/readers/src/", "server/engine/src/"];

/// Files that may hold unsafe code, each with its reason.
const UNSAFE: [(&str, &str); 1] =
    [("tests/world/src/shutdown.rs", "a power cut is an ioctl, and nothing safe offers it")];

/// This crate names the words that it bans.
const SELF: &str = "tests/tidy/";

/// Banned words, and unsafe code outside its list.
pub fn banned_words(tree: &Tree) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (path, text) in tree.sources() {
        let scrubbed = scrub(text);
        let tests = test_lines(&scrubbed);
        for (number, (line, raw)) in scrubbed.lines().zip(text.lines()).enumerate() {
            let is_test = is_test_file(path) || tests.get(number) == Some(&true);
            for (word, place, instead) in WORDS {
                let found = match place {
                    Where::Code => !is_test && line.contains(word),
                    Where::All => line.contains(word),
                    Where::Pure => !is_test && is_pure(path) && line.contains(word),
                    Where::Notes => !path.starts_with(SELF) && raw.contains(word),
                };
                if found {
                    broken.push(Violation::at(path, number, format!("`{word}`: {instead}")));
                }
            }
            if is_unsafe(line) && !UNSAFE.iter().any(|(file, _)| *file == path) {
                broken.push(Violation::at(path, number, "unsafe code in a file not on the list"));
            }
        }
    }
    broken
}

fn is_pure(path: &str) -> bool {
    PURE.iter().any(|room| path.starts_with(room))
}

/// `unsafe` as a word; `unsafe_code` is the name of a lint.
fn is_unsafe(line: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| word == "unsafe")
}

/// Whether a whole file is test code: in a crate's `tests` folder, or a module of tests. The rooms
/// below `tests/` are code.
pub(crate) fn is_test_file(path: &str) -> bool {
    let inner = path.strip_prefix("tests/").unwrap_or(path);
    inner.split('/').any(|part| part == "tests" || part == "tests.rs")
        || path.ends_with("_tests.rs")
}
