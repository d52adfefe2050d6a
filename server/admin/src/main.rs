//! `gleaner-admin`, the command line of a Gleaner server's operator: invites, corpora, jobs, results.
//!
//! `cli` is the tree of commands, `commands` has one file for each, `open` reaches the server,
//! `output` and `fault` are all that is ever printed.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

mod admin;
mod cli;
mod commands;
mod confirm;
mod escape;
mod export;
mod fault;
mod follow;
mod intake;
mod json;
mod link_fault;
mod logins;
mod ontology;
mod open;
mod output;
mod plan;
mod progress;
mod show;
mod size;
mod talk;
mod usage;
mod years;

use cli::Cli;
use fault::{Exit, Fault, Style};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ended(usage::told(&error), usage::style(std::env::args_os())),
    };
    log_to_stderr();
    let style = cli.style();
    ended(run(cli), style)
}

fn run(cli: Cli) -> Result<Exit, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        fault::Told {
            exit: Exit::Failed,
            what: "the program cannot start".into(),
            why: error.to_string(),
            next: "raise the limit of open files (ulimit -n)".into(),
        }
        .into()
    });
    runtime.and_then(|runtime| {
        let (admin, command) = cli.split();
        let ended = runtime.block_on(async {
            let ended = command.run(&admin).await;
            admin.reach.close().await;
            ended
        });
        // A reader of files that is still at work must not hold the process up.
        runtime.shutdown_background();
        ended
    })
}

/// Tells a failure and gives the exit code.
fn ended(ended: Result<Exit, Fault>, style: Style) -> ExitCode {
    let exit = ended.unwrap_or_else(|fault| {
        // If standard error is gone, the exit code still tells.
        let _ = fault.tell(&mut io::stderr().lock(), style);
        fault.exit()
    });
    ExitCode::from(exit.code())
}

/// For people who look for a fault: `GLEANER_LOG=debug`. Silent otherwise.
fn log_to_stderr() {
    let Ok(filter) = std::env::var("GLEANER_LOG") else { return };
    let filter = tracing_subscriber::EnvFilter::builder().parse_lossy(filter);
    let is_terminal = io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(is_terminal && std::env::var_os("NO_COLOR").is_none());
    if subscriber.try_init().is_err() {
        let _ = writeln!(io::stderr().lock(), "GLEANER_LOG has no effect");
    }
}
