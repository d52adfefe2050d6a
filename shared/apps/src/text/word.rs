//! B1, word characters: a fixed table, so that it has no Unicode version. Combining marks count.

/// For each ASCII byte, whether it is a word character.
pub(crate) const WORD_BYTES: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

/// Whether a character belongs to a word.
pub fn is_word(c: char) -> bool {
    match c {
        '\0'..='\x7f' => WORD_BYTES[c as usize],
        '\u{80}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}' => false,
        '\u{bb}'..='\u{bf}' | '\u{d7}' | '\u{f7}' => false,
        '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{303f}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe6f}' => false,
        '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' => false,
        '\u{ff5b}'..='\u{ff65}' | '\u{ffe0}'..='\u{ffff}' => false,
        _ => true,
    }
}

/// The maximal runs of word characters, in order.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_the_table_says() {
        let text = "a_1-b\u{e9}\u{301}\u{d7}\u{aa}\u{b2}c\u{3b2}\u{2014}\u{ff10}\u{ff0f}d.";
        let expected = ["a_1", "b\u{e9}\u{301}", "\u{aa}", "c\u{3b2}", "\u{ff10}", "d"];
        assert_eq!(words(text).collect::<Vec<_>>(), expected);
        assert_eq!(words("").count() + words(" -").count(), 0);
    }
}
