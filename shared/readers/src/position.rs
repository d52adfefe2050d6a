//! Where in a file something is: a line and a column, as an editor counts them.

use core::fmt;

/// A place in a file. Lines and columns count from 1; a column is in bytes; column 0 stands for
/// the line as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Lines end at LF.
    pub line: u64,
    /// Bytes from the line's start.
    pub column: u64,
}

impl Position {
    /// A line as a whole.
    pub(crate) fn line(line: u64) -> Self {
        Self { line, column: 0 }
    }

    /// The place of the byte at `offset`, which is cut to the end of `bytes`.
    pub(crate) fn of(bytes: &[u8], offset: usize) -> Self {
        let before = &bytes[..offset.min(bytes.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let lines = before.iter().filter(|&&byte| byte == b'\n').count();
        Self { line: lines as u64 + 1, column: (before.len() - line_start) as u64 + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            0 => write!(f, "line {}", self.line),
            column => write!(f, "line {}, column {column}", self.line),
        }
    }
}

/// What a message says in front of its reason: the place and a colon, or nothing.
pub(crate) struct Lead(pub(crate) Option<Position>);

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(position) => write!(f, "{position}: "),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_from_one() {
        let cases = [
            ("", 0, "line 1, column 1"),
            ("ab\ncd", 0, "line 1, column 1"),
            ("ab\ncd", 2, "line 1, column 3"),
            ("ab\ncd", 3, "line 2, column 1"),
            ("ab\n", 3, "line 2, column 1"),
            ("ab\ncd", 99, "line 2, column 3"),
        ];
        for (text, offset, place) in cases {
            assert_eq!(
                Position::of(text.as_bytes(), offset).to_string(),
                place,
                "{text:?} {offset}"
            );
        }
        assert_eq!(Position::line(7).to_string(), "line 7");
    }
}
