//! Rust text without what only looks like code: comments become blanks, the insides of literals
//! become quotation marks. Lines keep their numbers.
//!
//! Not a parser: it knows strings, raw strings, characters and nested comments, and no more.

/// The text with comments and literals out of the way.
pub(crate) fn scrub(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = match letters[at] {
            '/' if letters.get(at + 1) == Some(&'/') => {
                let end = line_end(&letters, at);
                fill(&mut out, &letters[at..end], ' ');
                end
            }
            '/' if letters.get(at + 1) == Some(&'*') => {
                let end = comment_end(&letters, at);
                fill(&mut out, &letters[at..end], ' ');
                end
            }
            '"' => literal(&mut out, &letters, at, string_end(&letters, at + 1)),
            'r' if starts_word(&letters, at) && hashes(&letters, at + 1).is_some() => {
                let count = hashes(&letters, at + 1).unwrap_or(0);
                literal(&mut out, &letters, at, raw_end(&letters, at + 2 + count, count))
            }
            '\'' => literal(&mut out, &letters, at, character_end(&letters, at)),
            letter => {
                out.push(letter);
                at + 1
            }
        };
        at = end;
    }
    out
}

/// Lines (from 0) of scrubbed text that belong to `#[cfg(test)] mod … { … }`.
pub(crate) fn test_lines(scrubbed: &str) -> Vec<bool> {
    let lines: Vec<&str> = scrubbed.lines().collect();
    let mut tests = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if !["#[cfg(test)]", "#[cfg(all(test,"]
            .iter()
            .any(|mark| lines[at].trim().starts_with(mark))
        {
            at += 1;
            continue;
        }
        let end = block_end(&lines, at);
        tests[at..=end].fill(true);
        at = end + 1;
    }
    tests
}

/// The line in which the block closes that opens first at or after `from`; `from`'s item ends at a
/// `;` if that comes first.
pub(crate) fn block_end(lines: &[&str], from: usize) -> usize {
    let mut depth = 0_usize;
    // `[u8; 32]` in a signature is no end of the item.
    let mut nested = 0_usize;
    for (number, line) in lines.iter().enumerate().skip(from) {
        for letter in line.chars() {
            match letter {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return number;
                    }
                }
                '[' | '(' => nested += 1,
                ']' | ')' => nested = nested.saturating_sub(1),
                ';' if depth == 0 && nested == 0 => return number,
                _ => {}
            }
        }
    }
    lines.len().saturating_sub(1)
}

fn fill(out: &mut String, letters: &[char], with: char) {
    out.extend(letters.iter().map(|&letter| if letter == '\n' { '\n' } else { with }));
}

fn literal(out: &mut String, letters: &[char], from: usize, end: usize) -> usize {
    if end == from + 1 {
        out.push(letters[from]);
    } else {
        fill(out, &letters[from..end], '"');
    }
    end
}

fn line_end(letters: &[char], from: usize) -> usize {
    letters[from..].iter().position(|&letter| letter == '\n').map_or(letters.len(), |n| from + n)
}

fn comment_end(letters: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < letters.len() {
        match (letters[at], letters.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    letters.len()
}

fn string_end(letters: &[char], from: usize) -> usize {
    let mut at = from;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// Whether a word starts here: `r"` does, the `r` of `for"` does not; `br"` does.
fn starts_word(letters: &[char], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|place| letters[place]);
    let is_word = |letter: Option<char>| letter.is_some_and(|l| l.is_alphanumeric() || l == '_');
    !is_word(before(1)) || (matches!(before(1), Some('b' | 'c')) && !is_word(before(2)))
}

/// How many `#` stand before the quotation mark of a raw string, if it is one.
fn hashes(letters: &[char], from: usize) -> Option<usize> {
    let count = letters[from..].iter().take_while(|&&letter| letter == '#').count();
    (letters.get(from + count) == Some(&'"')).then_some(count)
}

fn raw_end(letters: &[char], from: usize, count: usize) -> usize {
    let mut at = from;
    while at < letters.len() {
        let closes = letters[at] == '"'
            && letters[at + 1..].iter().take(count).filter(|&&letter| letter == '#').count()
                == count;
        at += 1;
        if closes {
            return at + count;
        }
    }
    letters.len()
}

/// The end of a character, or one further if it is a lifetime.
fn character_end(letters: &[char], at: usize) -> usize {
    if letters.get(at + 1) == Some(&'\\') {
        let mut end = at + 3;
        while end < letters.len() && letters[end] != '\'' {
            end += 1;
        }
        return (end + 1).min(letters.len());
    }
    if letters.get(at + 2) == Some(&'\'') { at + 3 } else { at + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(scrub(text), expected, "{text}");
        assert_eq!(scrub(text).lines().count(), text.lines().count());
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check("f(\"x { \\\" y\") ;", "f(\"\"\"\"\"\"\"\"\"\") ;");
        check("r#\"a \" b\"# ;", "\"\"\"\"\"\"\"\"\"\" ;");
        check("br\"\\\" ;", "b\"\"\"\" ;");
        check("'{' ; '\\'' ; &'a str", "\"\"\" ; \"\"\"\" ; &'a str");
        check("\"a\nb\" c", "\"\"\n\"\" c");
    }

    #[test]
    fn test_modules_are_found_whole() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        assert_eq!(test_lines(text), [false, true, true, true, true, false]);
        assert_eq!(test_lines("#[cfg(test)]\nmod tests;\nfn c() {}"), [true, true, false]);
    }
}
