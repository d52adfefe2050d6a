//! How a command ends: its exit code and, if it failed, what failed, why, and what to do.
//!
//! Every failure has all three; nothing else is ever printed as an error. The codes are a contract.

use std::io::{ErrorKind, Write};

use gleaner_shared::wire::admin::{Problem, ProblemKind};
use serde::Serialize;

use crate::escape::escaped;
use crate::json;

/// How a command ends; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Exit {
    /// All was done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Done, but some items failed.
    SomeFailed = 3,
    /// There is no such thing.
    NotFound = 4,
    /// It is there already, or in use.
    Conflict = 5,
    /// No server answers.
    Unreachable = 6,
    /// This machine or user may not.
    NotAllowed = 7,
    /// A limit was reached.
    Limit = 8,
    /// It took too long.
    TimedOut = 9,
    /// Bytes or keys are not those that they should be.
    Checksum = 11,
    /// The versions of this program and the server do not fit.
    Version = 12,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

impl From<ProblemKind> for Exit {
    fn from(kind: ProblemKind) -> Self {
        match kind {
            ProblemKind::Failed => Self::Failed,
            ProblemKind::Usage => Self::Usage,
            ProblemKind::NotFound => Self::NotFound,
            ProblemKind::Conflict => Self::Conflict,
            ProblemKind::NotAllowed => Self::NotAllowed,
            ProblemKind::Limit => Self::Limit,
            ProblemKind::Checksum => Self::Checksum,
        }
    }
}

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Whoever read our output has gone: nothing is left to do, and nothing went wrong.
    ReaderGone,
    /// A failure, to be told.
    Told(Box<Told>),
}

/// A failure in words.
#[derive(Debug)]
pub(crate) struct Told {
    /// Its kind.
    pub(crate) exit: Exit,
    /// What failed: a fragment that names the thing.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: String,
    /// What to do; a command if there is one.
    pub(crate) next: String,
}

impl From<Told> for Fault {
    fn from(told: Told) -> Self {
        Self::Told(Box::new(told))
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let Problem { kind, what, why, next } = problem;
        Told { exit: kind.into(), what, why, next }.into()
    }
}

impl Fault {
    /// Writing to standard output failed.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Told {
            exit: Exit::Failed,
            what: "the result cannot be written to standard output".into(),
            why: error.to_string(),
            next: "look at what standard output leads to, then repeat the command".into(),
        }
        .into()
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::ReaderGone => Exit::Done,
            Self::Told(told) => told.exit,
        }
    }

    /// Tells the failure: three lines, or one JSON object.
    pub(crate) fn tell(&self, target: &mut dyn Write, style: Style) -> std::io::Result<()> {
        let Self::Told(told) = self else { return Ok(()) };
        match style {
            Style::Text => {
                writeln!(target, "error: {}", escaped(&told.what))?;
                writeln!(target, "  why: {}", escaped(&told.why))?;
                writeln!(target, "   do: {}", escaped(&told.next))
            }
            Style::Json => {
                let told = Shown {
                    exit_code: told.exit.code(),
                    kind: told.exit,
                    what: &told.what,
                    why: &told.why,
                    next: &told.next,
                };
                json::write(target, "gleaner/error/1", &told)
            }
        }
    }
}

/// How failures and results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// A failure as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    exit_code: u8,
    kind: Exit,
    what: &'a str,
    why: &'a str,
    next: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(style: Style) -> String {
        let fault = Fault::from(Problem {
            kind: ProblemKind::NotFound,
            what: "job \u{1b}[2J is unknown".into(),
            why: "no job has this name".into(),
            next: "gleaner-admin job list".into(),
        });
        let mut bytes = Vec::new();
        fault.tell(&mut bytes, style).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let text = "error: job \\u{1b}[2J is unknown\n  why: no job has this name\n   \
                    do: gleaner-admin job list\n";
        assert_eq!(told(Style::Text), text);
    }

    #[test]
    fn a_failure_is_one_json_object() {
        let value: serde_json::Value = serde_json::from_str(&told(Style::Json)).unwrap();
        assert_eq!(value["schema"], "gleaner/error/1");
        assert_eq!(value["kind"], "not-found");
        assert_eq!(value["exit_code"], 4);
        assert_eq!(told(Style::Json).lines().count(), 1);
    }

    #[test]
    fn the_servers_kinds_keep_their_codes() {
        for kind in [
            ProblemKind::Failed,
            ProblemKind::Usage,
            ProblemKind::NotFound,
            ProblemKind::Conflict,
            ProblemKind::NotAllowed,
            ProblemKind::Limit,
            ProblemKind::Checksum,
        ] {
            assert_eq!(Exit::from(kind).code(), kind.exit_code());
        }
    }

    #[test]
    fn the_page_of_exit_codes_lists_each() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/exit-codes.md");
        let page = std::fs::read_to_string(path).unwrap();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
        let listed: Vec<(u8, &str)> = rows
            .filter_map(|(code, rest)| Some((code.parse().ok()?, rest.split(" | ").next()?)))
            .collect();
        let codes = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::SomeFailed,
            Exit::NotFound,
            Exit::Conflict,
            Exit::Unreachable,
            Exit::NotAllowed,
            Exit::Limit,
            Exit::TimedOut,
            Exit::Checksum,
            Exit::Version,
        ];
        let words = crate::cli::AFTER_HELP.split_whitespace().collect::<Vec<_>>().join(" ");
        for (exit, (code, meaning)) in codes.into_iter().zip(&listed) {
            assert_eq!(exit.code(), *code);
            assert!(words.contains(&format!("{code} {meaning}")), "help lacks {code} {meaning}");
        }
        assert_eq!(listed.len(), codes.len());
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let gone = Fault::output(&ErrorKind::BrokenPipe.into());
        assert_eq!(gone.exit(), Exit::Done);
        let full = Fault::output(&ErrorKind::StorageFull.into());
        assert_eq!(full.exit(), Exit::Failed);
    }
}
