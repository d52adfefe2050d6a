//! N1, canonical text: PDF parses are full of ligatures, soft hyphens and odd blanks.
//!
//! A fixed table, so that it has no Unicode version; no NFC, no case. Applying it twice changes nothing.

use std::borrow::Cow;

use gleaner_shared::document::Document;

/// What becomes of a character.
enum Fate {
    Keep,
    Delete,
    Blank,
    Become(&'static str),
}

fn fate(c: char) -> Fate {
    match c {
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => Fate::Delete,
        '\0'..='\u{20}' | '\u{7f}' | '\u{85}' | '\u{a0}' | '\u{1680}' => Fate::Blank,
        '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' => Fate::Blank,
        '\u{202f}' | '\u{205f}' | '\u{3000}' => Fate::Blank,
        '\u{2010}'..='\u{2013}' | '\u{2212}' => Fate::Become("-"),
        '\u{2018}'..='\u{201b}' | '\u{2032}' => Fate::Become("'"),
        '\u{201c}'..='\u{201f}' | '\u{2033}' => Fate::Become("\""),
        '\u{fb00}' => Fate::Become("ff"),
        '\u{fb01}' => Fate::Become("fi"),
        '\u{fb02}' => Fate::Become("fl"),
        '\u{fb03}' => Fate::Become("ffi"),
        '\u{fb04}' => Fate::Become("ffl"),
        '\u{fb05}' | '\u{fb06}' => Fate::Become("st"),
        _ => Fate::Keep,
    }
}

/// The canonical form of a paragraph, borrowed if it has it already; empty if only blanks are left.
pub fn canonical(paragraph: &str) -> Cow<'_, str> {
    let bytes = paragraph.as_bytes();
    let mut made = String::new();
    let mut kept = 0; // What stands before it is in `made`.
    let mut after_blank = true; // A blank here would be one too many.
    let mut at = 0;
    while at < bytes.len() {
        let (len, fate) = match bytes[at] {
            b'!'..=b'~' => (1, Fate::Keep),
            b' ' if !after_blank => {
                after_blank = true;
                at += 1;
                continue;
            }
            ..=0x7f => (1, Fate::Blank),
            _ => {
                let c = paragraph[at..].chars().next().expect("`at` is inside the text");
                (c.len_utf8(), fate(c))
            }
        };
        let insert = match fate {
            Fate::Keep => {
                after_blank = false;
                at += len;
                continue;
            }
            Fate::Blank if !after_blank => " ",
            Fate::Blank | Fate::Delete => "",
            Fate::Become(other) => other,
        };
        // No character becomes longer: this is the only allocation.
        made.reserve_exact(if kept == 0 { bytes.len() } else { 0 });
        made.push_str(&paragraph[kept..at]);
        made.push_str(insert);
        after_blank = if insert.is_empty() { after_blank } else { insert == " " };
        at += len;
        kept = at;
    }
    trimmed(paragraph, kept, made)
}

/// The rest goes behind what was made, and the last blank goes.
fn trimmed(paragraph: &str, kept: usize, mut made: String) -> Cow<'_, str> {
    let rest = &paragraph[kept..];
    if kept == 0 {
        return Cow::Borrowed(rest.strip_suffix(' ').unwrap_or(rest));
    }
    made.push_str(rest);
    if made.ends_with(' ') {
        made.pop();
    }
    Cow::Owned(made)
}

/// A document's canonical paragraphs without the empty ones: their positions are the numbers by
/// which records name paragraphs.
pub fn canonical_paragraphs(document: &Document) -> impl Iterator<Item = Cow<'_, str>> {
    document.paragraphs.iter().map(|paragraph| canonical(paragraph)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule as it is written: map each character, then runs of blanks.
    fn plain(paragraph: &str) -> String {
        let mut mapped = String::new();
        for c in paragraph.chars() {
            match fate(c) {
                Fate::Keep => mapped.push(c),
                Fate::Delete => {}
                Fate::Blank => mapped.push(' '),
                Fate::Become(other) => mapped.push_str(other),
            }
        }
        mapped.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_character_has_its_fate() {
        for c in '\0'..=char::MAX {
            for text in [format!("{c}"), format!("a{c}b"), format!("{c} b"), format!("a {c}")] {
                assert_eq!(canonical(&text), plain(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn canonical_text_is_not_copied() {
        for text in ["", "a", "a b. C (d)", "caf\u{e9} \u{2014} \u{3b2}"] {
            assert!(matches!(canonical(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_pass_is_the_written_rule_and_twice_is_once(
            text in "[ a\\.\\x00\\n\u{7f}\u{a0}\u{ad}\u{200b}\u{2009}\u{2019}\u{fb03}\u{fb05}\u{e9}\u{1f600}]{0,24}",
        ) {
            let once = canonical(&text).into_owned();
            prop_assert_eq!(&once, &plain(&text));
            prop_assert!(matches!(canonical(&once), Cow::Borrowed(twice) if twice == once));
        }
    }
}
