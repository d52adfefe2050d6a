//! A wrong command line, told like every other error; help and version, which are none.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::output::{self, Style};
use crate::trouble::{Exit, Trouble};

/// How errors are told when the command line could not be read: `--json` anywhere before `--`.
pub(crate) fn style(arguments: impl Iterator<Item = OsString>) -> Style {
    match arguments.take_while(|word| word != "--").any(|word| word == "--json") {
        true => Style::Json,
        false => Style::Text,
    }
}

/// What comes of clap's complaint.
pub(crate) fn told(error: &clap::Error) -> Result<(), Trouble> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::raw(&error.render().to_string())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let why = "the first word says what to do: join, run, status, completions or man";
            let act = "gleaner-client --help";
            Err(Trouble::new(Exit::Usage, "no command was given", why, act))
        }
        _ => Err(trouble(&error.render().to_string())),
    }
}

/// clap's text has a first paragraph that says what, perhaps one with a tip, and the usage.
fn trouble(text: &str) -> Trouble {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let mut paragraphs = text.split("\n\n").map(one_line);
    let what = paragraphs.next().unwrap_or_default();
    let rest: Vec<String> = paragraphs.collect();
    let with = |start: &str| rest.iter().find_map(|part| part.strip_prefix(start));
    let usage = with("Usage: ").map(|usage| format!("the usage is: {usage}"));
    let why = with("tip: ").map(str::to_owned).or(usage);
    let why = why.unwrap_or_else(|| "the command line does not fit any command".into());
    let command = with("Usage: ").map_or_else(|| "gleaner-client".into(), command);
    Trouble::new(Exit::Usage, &what, &why, &format!("{command} --help"))
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a usage line up to the first placeholder.
fn command(usage: &str) -> String {
    let is_word = |word: &&str| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-')
    };
    usage.split(' ').take_while(is_word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn parse(line: &str) -> Result<(), Trouble> {
        told(&Cli::try_parse_from(line.split(' ')).unwrap_err())
    }

    #[test]
    fn a_wrong_line_says_what_why_and_what_to_do() {
        for line in [
            "gleaner-client",
            "gleaner-client jion x",
            "gleaner-client join a b",
            "gleaner-client run --threads 0",
            "gleaner-client run --threads 100000",
            "gleaner-client run --threads x",
            "gleaner-client run --exit-when-idle soon",
            "gleaner-client status --jsno",
            "gleaner-client completions basic",
            "gleaner-client man",
        ] {
            let trouble = parse(line).unwrap_err();
            assert_eq!(trouble.exit, Exit::Usage, "{line}");
            let text = trouble.to_string();
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.contains("\n   do: gleaner-client"), "{text}");
        }
    }

    #[test]
    fn no_command_is_told_plainly() {
        assert_eq!(parse("gleaner-client").unwrap_err().what, "no command was given");
    }

    #[test]
    fn a_typo_gets_a_tip() {
        assert!(parse("gleaner-client jion x").unwrap_err().why.contains("'join'"));
    }

    #[test]
    fn json_is_seen_before_the_line_is_understood() {
        let style = |line: &str| style(line.split(' ').map(OsString::from));
        assert_eq!(style("gleaner-client jion --json"), Style::Json);
        assert_eq!(style("gleaner-client join -- --json"), Style::Text);
    }
}
