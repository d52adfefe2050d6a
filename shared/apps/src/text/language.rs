//! L1, language: English or not, by the share of function words at the document's beginning.

/// Characters that are looked at.
const CHARS: usize = 4_000;
/// With fewer words nothing can be said, and the document counts as English.
const WORDS_MIN: u32 = 20;
/// Hits in a hundred words from which on it is English. Seen: English from 20.3, German 5.7.
const HITS_PERCENT_MIN: u32 = 18;
/// The longest of the function words.
const WORD_BYTES: usize = 5;

/// How English a document's beginning is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Language {
    /// Function words of English.
    pub hits: u32,
    /// Words: runs of ASCII letters.
    pub words: u32,
}

impl Language {
    /// Of canonical paragraphs, in order.
    pub fn of<T: AsRef<str>>(paragraphs: impl IntoIterator<Item = T>) -> Self {
        let mut language = Self::default();
        let mut word = Word::default();
        let mut left = CHARS;
        for paragraph in paragraphs {
            // Paragraphs are joined with a blank, so a word ends with each.
            for c in paragraph.as_ref().chars().chain([' ']).take(left) {
                left -= 1;
                match c {
                    'A'..='Z' | 'a'..='z' => word.push(c),
                    _ => language.count(&mut word),
                }
            }
            if left == 0 {
                break;
            }
        }
        language.count(&mut word);
        language
    }

    /// Whether a document counts as English.
    pub fn is_english(self) -> bool {
        self.words < WORDS_MIN || 100 * self.hits >= HITS_PERCENT_MIN * self.words
    }

    fn count(&mut self, word: &mut Word) {
        if word.len > 0 {
            self.words += 1;
            self.hits += u32::from(word.is_function());
        }
        word.len = 0;
    }
}

/// The word that is being read: its length, and its first letters in lower case.
#[derive(Default)]
struct Word {
    len: usize,
    letters: [u8; WORD_BYTES],
}

impl Word {
    fn push(&mut self, letter: char) {
        if let Some(place) = self.letters.get_mut(self.len) {
            *place = u8::try_from(letter).expect("an ASCII letter").to_ascii_lowercase();
        }
        self.len += 1;
    }

    #[rustfmt::skip]
    fn is_function(&self) -> bool {
        self.letters.get(..self.len).is_some_and(|letters| matches!(
            letters,
            b"the" | b"of" | b"and" | b"to" | b"in" | b"that" | b"is" | b"for" | b"was" | b"with"
            | b"as" | b"by" | b"are" | b"were" | b"on" | b"from" | b"this" | b"be" | b"at"
            | b"which" | b"have" | b"not" | b"or" | b"an" | b"it" | b"had" | b"has" | b"been"
            | b"these" | b"but" | b"its" | b"we"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_hits_are_counted_as_written() {
        for (paragraphs, hits, words) in [
            (&[][..], 0, 0),
            (&["The", "end of it"], 3, 4),
            (&["don't, THE2of"], 2, 4),
            (&["there thematic w\u{e9}"], 0, 3),
        ] {
            assert_eq!(Language::of(paragraphs), Language { hits, words }, "{paragraphs:?}");
        }
    }

    #[test]
    fn four_thousand_characters_are_looked_at_and_the_joints_count() {
        let long = "\u{e9}".repeat(3_995);
        for (second, hits, words) in [("it", 1, 1), ("these", 0, 1), ("a b c", 0, 2)] {
            let language = Language::of([long.as_str(), second]);
            assert_eq!(language, Language { hits, words }, "{second}");
        }
    }

    #[test]
    fn few_words_are_english_and_then_the_share_decides() {
        for (hits, words, english) in
            [(0, 0, true), (0, 19, true), (3, 20, false), (4, 20, true), (17, 100, false)]
        {
            assert_eq!(Language { hits, words }.is_english(), english);
        }
    }
}
