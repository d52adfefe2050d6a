//! Which lines are blank: those whose canonical form (N1) is empty. N1 itself lives with the apps.

/// Whether nothing of the line is left in canonical text.
pub(crate) fn is_blank(line: &str) -> bool {
    line.chars().all(vanishes)
}

/// Whether N1 deletes the character or makes it a blank.
fn vanishes(char: char) -> bool {
    match char {
        // Deleted: soft hyphen, zero-width characters, word joiner, byte order mark.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => true,
        // Made a blank: controls, and the blanks of all scripts.
        '\0'..=' ' | '\u{7f}' | '\u{85}' | '\u{a0}' | '\u{1680}' => true,
        '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' => true,
        '\u{202f}' | '\u{205f}' | '\u{3000}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two lists of the specification, as it writes them.
    const TABLE: [(u32, u32); 14] = [
        (0xad, 0xad),
        (0x200b, 0x200d),
        (0x2060, 0x2060),
        (0xfeff, 0xfeff),
        (0x00, 0x1f),
        (0x20, 0x20),
        (0x7f, 0x7f),
        (0x85, 0x85),
        (0xa0, 0xa0),
        (0x1680, 0x1680),
        (0x2000, 0x200a),
        (0x2028, 0x2029),
        (0x202f, 0x202f),
        (0x205f, 0x205f),
    ];

    #[test]
    fn exactly_the_characters_of_the_table_vanish() {
        for char in '\0'..=char::MAX {
            let code = char as u32;
            let listed =
                code == 0x3000 || TABLE.iter().any(|&(first, last)| (first..=last).contains(&code));
            assert_eq!(vanishes(char), listed, "U+{code:04X}");
        }
    }

    #[test]
    fn a_line_is_blank_if_all_of_it_vanishes() {
        for line in ["", " ", "\r", "\t\u{a0}\u{200b}", "\u{feff}"] {
            assert!(is_blank(line), "{line:?}");
        }
        for line in [".", " a ", "\u{200e}"] {
            assert!(!is_blank(line), "{line:?}");
        }
    }
}
