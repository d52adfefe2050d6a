//! Text that others wrote, made safe to print: it can neither command a terminal nor forge a line.

/// The text with each dangerous character (controls, marks of direction, unseen ones) as `\u{fffd}`.
pub(crate) fn tame(text: &str) -> String {
    let tamed = |letter| if is_dangerous(letter) { char::REPLACEMENT_CHARACTER } else { letter };
    text.chars().map(tamed).collect()
}

fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_command_a_terminal() {
        for (text, shown) in [
            ("plain – ü 漢", "plain – ü 漢"),
            ("a\nb", "a\u{fffd}b"),
            ("\u{1b}[2J\u{9b}", "\u{fffd}[2J\u{fffd}"),
            ("a\u{202e}b\u{2066}\u{feff}", "a\u{fffd}b\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(tame(text), shown);
        }
    }
}
