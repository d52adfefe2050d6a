//! The one tree of commands: parsing, help, completions and man pages all come from it.

use std::path::PathBuf;

use clap::{Args, Parser};

use crate::admin::Admin;
use crate::commands::Command;
use crate::fault::Style;
use crate::logins::Logins;
use crate::open::Reach;
use crate::output::Output;
use crate::progress::Choice;

/// Commands a Gleaner server: invites, corpora, jobs and their results.
#[derive(Debug, Parser)]
#[command(
    name = "gleaner-admin",
    version,
    max_term_width = 80,
    arg_required_else_help = true,
    after_help = AFTER_HELP
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Examples, and the codes of docs/exit-codes.md.
pub(crate) const AFTER_HELP: &str = "\
Examples:
  gleaner-admin invite create
  gleaner-admin corpus add notes ./texts
  gleaner-admin job submit words --corpus notes --app word-count
  gleaner-admin job wait words && gleaner-admin result export words --to out

Exit codes: 0 done, 1 failed, 2 usage, 3 some items failed, 4 not found,
5 conflict, 6 unreachable, 7 not allowed, 8 limit reached, 9 timed out,
11 checksum mismatch, 12 versions do not fit.";

#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The server's data folder, on its own machine [env: GLEANER_DATA]
    /// [default: gleaner]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A server that this machine has logged in to
    #[arg(long, global = true, value_name = "NAME")]
    server: Option<String>,
    /// Where logins are kept [default: gleaner in the user's configuration]
    #[arg(long, global = true, value_name = "DIR", env = "GLEANER_HOME", hide_env_values = true)]
    home: Option<PathBuf>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
    /// Progress on standard error: auto, bar, plain or none
    #[arg(long, global = true, value_enum, value_name = "HOW", hide_possible_values = true)]
    progress: Option<Choice>,
}

impl Cli {
    /// How output is written.
    pub(crate) fn style(&self) -> Style {
        match self.global.json {
            true => Style::Json,
            false => Style::Text,
        }
    }

    /// The surroundings and the command.
    pub(crate) fn split(self) -> (Admin, Command) {
        let output = Output::new(self.style());
        let Global { data, server, home, json: _, progress } = self.global;
        let logins = Logins::new(home.as_deref());
        let reach = Reach::new(data, server, logins);
        (Admin { output, reach, progress }, self.command)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;

    fn each(command: &mut Command, path: &str, check: &mut dyn FnMut(&str, &mut Command)) {
        check(path, command);
        for sub in command.get_subcommands_mut() {
            let path = format!("{path} {}", sub.get_name());
            each(sub, &path, check);
        }
    }

    fn every(check: &mut dyn FnMut(&str, &mut Command)) {
        let mut tree = Cli::command();
        tree.build();
        each(&mut tree, "gleaner-admin", check);
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_fits_80_columns() {
        every(&mut |path, command| {
            for help in [command.render_help(), command.render_long_help()] {
                for line in help.to_string().lines() {
                    assert!(line.chars().count() <= 80, "{path}: {line}");
                }
            }
        });
    }

    #[test]
    fn every_command_has_an_example_that_is_a_command() {
        let mut seen = 0;
        every(&mut |path, command| {
            if path.split(' ').any(|word| word == "help") {
                return;
            }
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<_> =
                help.lines().filter_map(|line| line.strip_prefix("  gleaner-admin ")).collect();
            assert!(!examples.is_empty(), "{path} has no example");
            for example in examples {
                let line = example.split(" && ").next().unwrap().split(" > ").next().unwrap();
                let mut words = vec!["gleaner-admin"];
                for (index, part) in line.split('\'').enumerate() {
                    match index % 2 {
                        0 => words.extend(part.split_whitespace()),
                        _ => words.push(part),
                    }
                }
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{path}: {example}: {}", parsed.unwrap_err());
            }
            seen += 1;
        });
        assert!(seen > 35, "{seen} commands");
    }
}
