//! The one tree of commands: parsing, help, completions and man pages all come from it.

use std::path::PathBuf;

use clap::{Args, Parser};

use crate::command::Command;
use crate::disk::folder::{FOLDER_DEFAULT, Folder};
use crate::output::Style;
use crate::trouble::Trouble;

/// Computes for a Gleaner server on a machine that has time to spare.
#[derive(Debug, Parser)]
#[command(
    name = "gleaner-client",
    version,
    max_term_width = 80,
    subcommand_required = true,
    after_help = AFTER_HELP
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  gleaner-client join gleaner://queue.example.org:4433/AcQ7
  gleaner-client run
  gleaner-client status

Exit codes: 0 done, 1 failed, 2 usage, 4 not found, 5 conflict,
6 unreachable or not running, 7 not allowed, 8 limit reached, 9 timed out,
11 checksum or key mismatch, 12 versions do not fit.";

#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The folder that holds everything of this client
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "GLEANER_DATA",
        default_value = FOLDER_DEFAULT,
        hide_env_values = true
    )]
    data: PathBuf,
    /// Print results and errors as JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
}

impl Cli {
    /// How results and errors are written.
    pub(crate) fn style(&self) -> Style {
        match self.global.json {
            true => Style::Json,
            false => Style::Text,
        }
    }

    /// Does the command.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let style = self.style();
        self.command.run(&Folder::new(&self.global.data), style)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;

    fn every(check: impl Fn(&str, &mut Command)) {
        let mut tree = Cli::command().disable_help_subcommand(true);
        tree.build();
        check("gleaner-client", &mut tree);
        for sub in tree.get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
            let path = format!("gleaner-client {}", sub.get_name());
            check(&path, sub);
        }
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_fits_80_columns() {
        every(|path, command| {
            for help in [command.render_help(), command.render_long_help()] {
                for line in help.to_string().lines() {
                    assert!(line.chars().count() <= 80, "{path}: {line}");
                }
            }
        });
    }

    #[test]
    fn every_command_has_an_example_that_is_a_command() {
        every(|path, command| {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<_> =
                help.lines().filter(|line| line.starts_with("  gleaner-client ")).collect();
            assert!(!examples.is_empty(), "{path} has no example");
            for example in examples {
                let line = example.split(" > ").next().unwrap().split(" | ").next().unwrap();
                let parsed = Cli::try_parse_from(line.split_whitespace());
                assert!(parsed.is_ok(), "{path}: {example}: {}", parsed.unwrap_err());
            }
        });
    }
}
