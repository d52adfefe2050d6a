//! `gleaner-client`: joins a server, computes its units, delivers the results.
//!
//! `cli` is the tree of commands, `command` has one file for each. A running client is one `host`
//! that owns all books; `compute`, `talk` and `disk` do for it what takes time. The program is all
//! of it; with the feature `sim`, hosts also run in a simulation.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

mod answer;
mod cli;
mod command;
mod compute;
mod disk;
mod host;
mod output;
#[cfg(feature = "sim")]
pub mod sim;
mod status;
mod talk;
mod tame;
mod trouble;
mod usage;

use cli::Cli;
use output::Style;
use trouble::Trouble;

/// The program: does what the command line says, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ended(usage::told(&error), usage::style(std::env::args_os())),
    };
    log_to_stderr();
    let style = cli.style();
    ended(cli.run(), style)
}

/// Tells what went wrong and gives the exit code.
fn ended(ended: Result<(), Trouble>, style: Style) -> ExitCode {
    let Err(trouble) = ended else { return ExitCode::SUCCESS };
    // If standard error is gone, the exit code still tells.
    let _gone = trouble.tell(&mut io::stderr().lock(), style);
    ExitCode::from(trouble.exit.code())
}

/// What happens, for people; `GLEANER_LOG=debug` shows more of it.
fn log_to_stderr() {
    let filter = std::env::var("GLEANER_LOG").unwrap_or_default();
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .parse_lossy(filter);
    let is_terminal = io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(io::stderr)
        .with_ansi(is_terminal && std::env::var_os("NO_COLOR").is_none());
    if subscriber.try_init().is_err() {
        let _gone = writeln!(io::stderr().lock(), "there is no log");
    }
}
