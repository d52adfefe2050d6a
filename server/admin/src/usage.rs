//! A wrong command line, told like every other failure; help and version, which are none.

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;

use crate::fault::{Exit, Fault, Style, Told};

/// How failures are told when the command line could not be read: `--json` anywhere before `--`.
pub(crate) fn style(arguments: impl Iterator<Item = OsString>) -> Style {
    match arguments.take_while(|word| word != "--").any(|word| word == "--json") {
        true => Style::Json,
        false => Style::Text,
    }
}

/// What comes of clap's complaint.
pub(crate) fn told(error: &clap::Error) -> Result<Exit, Fault> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render().to_string();
            let mut target = std::io::stdout().lock();
            let written = target.write_all(text.as_bytes()).and_then(|()| target.flush());
            written.map(|()| Exit::Done).map_err(|error| Fault::output(&error))
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(std::io::stderr().lock(), "{}", error.render());
            Ok(Exit::Usage)
        }
        _ => Err(fault(&error.render().to_string())),
    }
}

/// clap's text has a first paragraph that says what, perhaps one with a tip, and the usage.
fn fault(text: &str) -> Fault {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let mut paragraphs = text.split("\n\n").map(one_line);
    let what = paragraphs.next().unwrap_or_default();
    let rest: Vec<String> = paragraphs.collect();
    let with = |start: &str| rest.iter().find_map(|part| part.strip_prefix(start));
    let usage = with("Usage: ").map(|usage| format!("the usage is: {usage}"));
    let why = with("tip: ").map(str::to_owned).or(usage);
    let command = with("Usage: ").map_or("gleaner-admin".to_owned(), command);
    Told {
        exit: Exit::Usage,
        what,
        why: why.unwrap_or_else(|| "the command line does not fit any command".into()),
        next: format!("{command} --help"),
    }
    .into()
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a usage line up to the first placeholder.
fn command(usage: &str) -> String {
    let words = usage.split(' ').take_while(|word| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-')
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn parse(line: &str) -> Result<Exit, Fault> {
        told(&Cli::try_parse_from(line.split(' ')).unwrap_err())
    }

    fn text(line: &str) -> String {
        let mut bytes = Vec::new();
        let fault = parse(line).unwrap_err();
        assert_eq!(fault.exit(), Exit::Usage, "{line}");
        fault.tell(&mut bytes, Style::Text).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_wrong_line_says_what_why_and_what_to_do() {
        for line in [
            "gleaner-admin jbo list",
            "gleaner-admin job statsu",
            "gleaner-admin job status",
            "gleaner-admin job status a b",
            "gleaner-admin invite create --uses x",
            "gleaner-admin invite create --uses 0",
            "gleaner-admin invite create --trusted --admin",
            "gleaner-admin concept related C1 --job j --years 2015-2010",
            "gleaner-admin concept related C1 --job j --limit 10001",
            "gleaner-admin corpus add a b --format pdf",
            "gleaner-admin corpus add a b --slice-bytes 1",
            "gleaner-admin job wait a --timeout soon",
        ] {
            let text = text(line);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.starts_with("error: "), "{text}");
            assert!(
                text.contains("\n   do: gleaner-admin") && text.ends_with("--help\n"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_typo_gets_a_tip() {
        assert!(text("gleaner-admin jobs list").contains("'job'"));
        assert!(text("gleaner-admin job list --jsno").contains("--json"));
    }

    #[test]
    fn json_is_seen_before_the_line_is_understood() {
        let style = |line: &str| style(line.split(' ').map(OsString::from));
        assert_eq!(style("gleaner-admin jbo --json"), Style::Json);
        assert_eq!(style("gleaner-admin search -- --json"), Style::Text);
    }
}
