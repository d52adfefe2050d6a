//! A wrong command line, told like every other error; help and version, which are none.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::trouble::{Exit, Style, Trouble};

/// How errors are told, also of a line that cannot be read: `--json` anywhere before `--`.
pub(crate) fn style(arguments: impl Iterator<Item = OsString>) -> Style {
    match arguments.take_while(|word| word != "--").any(|word| word == "--json") {
        true => Style::Json,
        false => Style::Text,
    }
}

/// What comes of clap's complaint: text for standard output, or trouble.
pub(crate) fn told(error: &clap::Error) -> Result<String, Trouble> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(text),
        _ => Err(trouble(&text)),
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
    let act = match with("Usage: ").is_some_and(|usage| usage.starts_with("gleaner-server run")) {
        true => "gleaner-server run --help",
        false => "gleaner-server --help",
    };
    Trouble { exit: Exit::Usage, what, why, act }
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn parse(line: &str) -> Result<String, Trouble> {
        told(&Cli::try_parse_from(line.split(' ')).unwrap_err())
    }

    #[test]
    fn a_wrong_line_says_what_why_and_what_to_do() {
        for line in [
            "gleaner-server",
            "gleaner-server rnu",
            "gleaner-server run --lisen 0.0.0.0:1",
            "gleaner-server run --listen here",
            "gleaner-server run more",
            "gleaner-server completions basic",
            "gleaner-server man",
        ] {
            let trouble = parse(line).unwrap_err();
            assert_eq!(trouble.exit, Exit::Usage, "{line}");
            let text = trouble.to_string();
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.ends_with("--help"), "{text}");
        }
        assert!(parse("gleaner-server run --lisen x").unwrap_err().why.contains("'--listen'"));
        assert!(parse("gleaner-server --help").unwrap().contains("Examples:"));
    }

    #[test]
    fn json_is_seen_before_the_line_is_understood() {
        let style = |line: &str| style(line.split(' ').map(OsString::from));
        assert_eq!(style("gleaner-server rnu --json"), Style::Json);
        assert_eq!(style("gleaner-server run -- --json"), Style::Text);
    }
}
