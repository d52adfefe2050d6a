//! The one tree of commands: parsing, help, completions and man pages all come from it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// The server of a Gleaner: slices corpora, leases units, validates and merges results.
#[derive(Debug, Parser)]
#[command(
    name = "gleaner-server",
    version,
    max_term_width = 80,
    subcommand_required = true,
    after_help = AFTER_HELP
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  gleaner-server run
  gleaner-server run --data /srv/gleaner --public queue.example.org:4433
  gleaner-server run --data /tmp/try --demo

Exit codes: 0 done, 1 failed, 2 usage, 5 conflict (another server has the
folder or the port), 7 not allowed, 8 the disk is full, 11 a damaged key,
12 the database is newer than this program.

GLEANER_LOG=debug shows more of what happens.";

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    /// Print completions for a shell
    #[command(after_help = "Example:\n  gleaner-server completions bash > ~/.gleaner-server.bash")]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the manual pages
    #[command(after_help = "Example:\n  gleaner-server man ~/.local/share/man/man1")]
    Man {
        /// The folder to write to, made if there is none
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Serve until SIGTERM or Ctrl-C; a second one ends at once
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-server run --data ./gleaner --listen 0.0.0.0:4433
  gleaner-server run --data ./gleaner --listen 127.0.0.1:0 --json")]
pub(crate) struct Run {
    /// The folder that holds everything of this server; made if there is none
    #[arg(
        long,
        value_name = "DIR",
        env = "GLEANER_DATA",
        default_value = "./gleaner",
        hide_env_values = true
    )]
    pub(crate) data: PathBuf,
    /// The UDP address for clients and admins; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:4433")]
    pub(crate) listen: SocketAddr,
    /// The address that goes into invites, if clients use another
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) public: Option<String>,
    /// The database, if not in the data folder: sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// Where payloads lie, if not in the data folder: file:DIR
    #[arg(long, value_name = "URL")]
    pub(crate) objects: Option<String>,
    /// Add a small corpus with a job and print an invite, to try things out
    #[arg(long)]
    pub(crate) demo: bool,
    /// Say that it is ready as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;

    fn every(check: impl Fn(&str, &mut Command)) {
        let mut tree = Cli::command().disable_help_subcommand(true);
        tree.build();
        check("gleaner-server", &mut tree);
        for sub in tree.get_subcommands_mut() {
            let path = format!("gleaner-server {}", sub.get_name());
            check(&path, sub);
        }
    }

    #[test]
    fn every_help_fits_80_columns() {
        Cli::command().debug_assert();
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
                help.lines().filter(|line| line.starts_with("  gleaner-server ")).collect();
            assert!(!examples.is_empty(), "{path} has no example");
            for example in examples {
                let line = example.split(" > ").next().unwrap();
                let parsed = Cli::try_parse_from(line.split_whitespace());
                assert!(parsed.is_ok(), "{path}: {example}: {}", parsed.unwrap_err());
            }
        });
    }
}
