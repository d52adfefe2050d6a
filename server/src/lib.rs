//! `gleaner-server`: the process that owns corpora, jobs and their results.
//!
//! `cli` is the tree of commands, `run` puts the parts together: `front` for clients, `command` for
//! admins, one `driver` around the engine, `finish` for what is derived when a job is done. The
//! program is all of it; with the feature `sim`, front and driver also run in a simulation.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use gleaner_shared::limits::SERVER_WORKERS;

mod address;
mod cli;
mod command;
mod data;
mod demo;
mod dictionaries;
mod driver;
mod finish;
mod front;
mod pages;
mod place;
mod ready;
mod registry;
mod run;
#[cfg(feature = "sim")]
pub mod sim;
mod trouble;
pub mod truth;
mod usage;

#[cfg(test)]
mod tests;

use cli::{Cli, Command};
use trouble::Trouble;

/// The program: does what the command line says, and gives the exit code.
pub fn main() -> ExitCode {
    let done = match Cli::try_parse() {
        Ok(cli) => perform(cli.command),
        Err(error) => usage::told(&error).and_then(|text| printed(text.as_bytes())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let style = usage::style(std::env::args_os());
            // If standard error is gone, the exit code still tells.
            let _gone = trouble.tell(&mut io::stderr().lock(), style);
            ExitCode::from(trouble.exit as u8)
        }
    }
}

fn perform(command: Command) -> Result<(), Trouble> {
    match command {
        Command::Run(wish) => {
            log_to_stderr();
            serve(wish)
        }
        Command::Completions { shell } => printed(&pages::completions(shell)),
        Command::Man { dir } => pages::man(&dir)
            .map_err(|error| Trouble::failed("the manual pages cannot be written", error))
            .and_then(|pages| printed(format!("{pages} pages in {}\n", dir.display()).as_bytes())),
    }
}

fn serve(wish: cli::Run) -> Result<(), Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(SERVER_WORKERS)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Trouble::failed("the server does not start", error))?;
    let served = runtime.block_on(run::run(wish));
    // What still computes answers nobody any more.
    runtime.shutdown_background();
    served
}

/// A result on standard output. A reader who has gone wants no more.
fn printed(bytes: &[u8]) -> Result<(), Trouble> {
    let mut target = io::stdout().lock();
    match target.write_all(bytes).and_then(|()| target.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Trouble::failed("the result cannot be written to standard output", error))
        }
        _ => Ok(()),
    }
}

/// What happens, for the operator; `GLEANER_LOG=debug` shows more of it.
fn log_to_stderr() {
    let filter = std::env::var("GLEANER_LOG").unwrap_or_default();
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .parse_lossy(filter);
    let is_terminal = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(io::stderr)
        .with_ansi(is_terminal && std::env::var_os("NO_COLOR").is_none())
        .init();
}
