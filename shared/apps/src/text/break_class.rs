//! The sentence-break class of a character, found by asking the segmentation crate about short
//! texts with it. So the classes are those of the crate's Unicode version, whichever it is, and
//! `boundary` can be linear where the crate is quadratic (a run of brackets after a full stop).

use unicode_segmentation::UnicodeSegmentation;

/// The classes of UAX #29 that its sentence rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// CR, LF and Sep: a sentence ends after it.
    ParaSep,
    /// Extend and Format: as if it were not there.
    Extend,
    Sp,
    Lower,
    Upper,
    OLetter,
    Numeric,
    ATerm,
    STerm,
    SContinue,
    Close,
    Other,
}

/// The classes of ASCII.
pub(crate) const ASCII: [Class; 128] = {
    let mut table = [Class::Other; 128];
    let mut byte = 0_usize;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'\n' | b'\r' => Class::ParaSep,
            b'\t' | 0x0b | 0x0c | b' ' => Class::Sp,
            b'0'..=b'9' => Class::Numeric,
            b'A'..=b'Z' => Class::Upper,
            b'a'..=b'z' => Class::Lower,
            b'.' => Class::ATerm,
            b'!' | b'?' => Class::STerm,
            b',' | b'-' | b':' | b';' => Class::SContinue,
            b'"' | b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}' => Class::Close,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

/// Classes that were asked for before, by the low bits of the character.
#[derive(Clone, Debug)]
pub(crate) struct Classes(Vec<(char, Class)>);

/// A power of two; a document has some dozens of different characters beyond ASCII, a text in
/// another script some hundreds.
const CACHED: usize = 1_024;

impl Default for Classes {
    fn default() -> Self {
        Self(vec![('\0', Class::Other); CACHED])
    }
}

impl Classes {
    /// The class of a character.
    pub(crate) fn class(&mut self, c: char) -> Class {
        if let Some(class) = ASCII.get(c as usize) {
            return *class;
        }
        let place = &mut self.0[c as usize % CACHED];
        if place.0 != c {
            *place = (c, asked(c));
        }
        place.1
    }
}

/// The class, by where the crate puts boundaries. Each question names the rule that answers it.
fn asked(c: char) -> Class {
    let before = |lead, tail| is_boundary(lead, c, tail, lead.len());
    let after = |lead: &str, tail| is_boundary(lead, c, tail, lead.len() + c.len_utf8());
    if after("", "A") {
        // SB4: after a separator always. SB8: only ATerm goes on to a small letter.
        return match (after("", " "), after("", "a")) {
            (true, _) => Class::ParaSep,
            (false, true) => Class::STerm,
            (false, false) => Class::ATerm,
        };
    }
    if !before("!", "") {
        // SB5, SB8a, SB9, SB10: these go on after a terminator.
        return match (before("! ", ""), after("!", "A"), after("!", ")")) {
            (true, ..) => Class::Close,
            (false, false, _) => Class::SContinue,
            (false, true, true) => Class::Sp,
            (false, true, false) => Class::Extend,
        };
    }
    match c {
        _ if !before(". ", "") => Class::Lower,   // SB8
        _ if !before(".", "") => Class::Numeric,  // SB6
        _ if !before("a.", "") => Class::Upper,   // SB7
        _ if before(". ", "a") => Class::OLetter, // SB8: the search for a small letter ends here.
        _ => Class::Other,
    }
}

/// Whether the crate ends a sentence at byte `at` of `lead`, `c` and `tail`.
fn is_boundary(lead: &str, c: char, tail: &str, at: usize) -> bool {
    let text = format!("{lead}{c}{tail}");
    text.split_sentence_bound_indices().any(|(start, _)| start == at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_ascii_is_what_the_crate_says() {
        for c in '\0'..='\x7f' {
            assert_eq!(ASCII[c as usize], asked(c), "{c:?}");
        }
    }

    #[test]
    fn known_characters_have_their_class() {
        for (c, class) in [
            ('\u{85}', Class::ParaSep),
            ('\u{2029}', Class::ParaSep),
            ('\u{301}', Class::Extend),
            ('\u{ad}', Class::Extend),
            ('\u{a0}', Class::Sp),
            ('\u{e9}', Class::Lower),
            ('\u{c9}', Class::Upper),
            ('\u{5d0}', Class::OLetter),
            ('\u{661}', Class::Numeric),
            ('\u{2024}', Class::ATerm),
            ('\u{3002}', Class::STerm),
            ('\u{2014}', Class::SContinue),
            ('\u{ab}', Class::Close),
            ('\u{2026}', Class::Other),
        ] {
            assert_eq!(asked(c), class, "{c:?}");
        }
    }
}
