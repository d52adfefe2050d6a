//! Each file begins by saying what lives in it.

use crate::{Tree, Violation};

/// Lines of a file's head at most.
const HEAD_LINES_MAX: usize = 6;

/// Files whose `//!` is missing, empty or longer than six lines.
pub fn each_file_says_what_it_is(tree: &Tree) -> Vec<Violation> {
    let check = |(path, text): (&str, &str)| {
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let words = head.iter().flat_map(|line| line[3..].split_whitespace()).count();
        let why = match (head.len(), words) {
            (0, _) => "the file does not begin with //!: say what lives here".to_owned(),
            (_, 0..=1) => "the file's //! says nothing".to_owned(),
            (lines, _) if lines > HEAD_LINES_MAX => {
                format!("the file's //! has {lines} lines; at most {HEAD_LINES_MAX}")
            }
            _ => return None,
        };
        Some(Violation::at(path, 0, why))
    };
    tree.sources().filter_map(check).collect()
}
