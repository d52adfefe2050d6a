//! Plain text: paragraphs are runs of lines that are not blank.

use std::borrow::Cow;

use gleaner_shared::limits::PARAGRAPHS_MAX;

use crate::blank::is_blank;
use crate::broken::{BrokenDocument, Fault};

/// The paragraphs of a text file, their lines joined by LF as in the file. Any bytes are text:
/// what is not UTF-8 is ISO-8859-1.
pub(crate) fn paragraphs(bytes: &[u8]) -> Result<Vec<String>, BrokenDocument> {
    let text = decoded(bytes);
    let mut paragraphs = Vec::new();
    // The bytes of the run so far; empty between two runs.
    let (mut start, mut end) = (0, 0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        if is_blank(line) {
            close(&text[start..end], &mut paragraphs)?;
            (start, end) = (next, next);
        } else {
            end = next;
        }
        at = next;
    }
    close(&text[start..end], &mut paragraphs)?;
    Ok(paragraphs)
}

/// Ends a run of lines: a paragraph, unless there was none.
fn close(run: &str, paragraphs: &mut Vec<String>) -> Result<(), BrokenDocument> {
    if run.is_empty() {
        return Ok(());
    }
    if paragraphs.len() == PARAGRAPHS_MAX {
        return Err(Fault::TooManyParagraphs.anywhere());
    }
    paragraphs.push(run.strip_suffix('\n').unwrap_or(run).to_owned());
    Ok(())
}

/// UTF-8 if it is, else ISO-8859-1, where a byte is a code point.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[&str]) {
        assert_eq!(paragraphs(bytes).unwrap(), expected, "{}", bytes.escape_ascii());
    }

    #[test]
    fn no_line_is_no_paragraph() {
        check(b"", &[]);
        check(b"\n", &[]);
        check(b" \r\n\t\n\n", &[]);
    }

    #[test]
    fn a_blank_line_parts_paragraphs() {
        check(b"a", &["a"]);
        check(b"a\n", &["a"]);
        check(b"a\nb\n\nc", &["a\nb", "c"]);
        check(b"\n\na\n\n\nb\n\n", &["a", "b"]);
        check(b"a\r\n\r\nb\r\n", &["a\r", "b\r"]);
    }

    #[test]
    fn a_line_that_canonical_text_loses_is_blank() {
        check("a\n\u{200b}\u{a0}\u{3000}\nb".as_bytes(), &["a", "b"]);
        check("\u{feff}\na".as_bytes(), &["a"]);
    }

    #[test]
    fn only_lf_ends_a_line() {
        check(b"a\r\rb", &["a\r\rb"]);
        check("a\u{2028}\u{2028}b\u{85}\u{85}c".as_bytes(), &["a\u{2028}\u{2028}b\u{85}\u{85}c"]);
    }

    #[test]
    fn what_is_not_utf8_is_latin_1() {
        check(b"Stra\xdfe\n\xa0\n\x85\xe9", &["Stra\u{df}e", "\u{85}\u{e9}"]);
        check("Stra\u{df}e".as_bytes(), &["Stra\u{df}e"]);
    }

    #[test]
    fn paragraphs_are_bounded() {
        let most = "a\n\n".repeat(PARAGRAPHS_MAX);
        assert_eq!(paragraphs(most.as_bytes()).unwrap().len(), PARAGRAPHS_MAX);
        let error = paragraphs((most + "a").as_bytes()).unwrap_err();
        assert_eq!(error.fault, Fault::TooManyParagraphs);
    }
}
