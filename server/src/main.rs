//! `gleaner-server`: the process that owns corpora, jobs and their results.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod command;
mod data;
mod dictionaries;
mod driver;
mod finish;
mod front;
mod registry;
mod run;

#[cfg(test)]
mod tests;

/// The server of a Gleaner: slices corpora, leases units, validates and merges results.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM.
    #[command(after_help = "Example:\n  gleaner-server run --data ./gleaner --listen 0.0.0.0:4433")]
    Run {
        /// The folder that holds everything of this server.
        #[arg(long, env = "GLEANER_DATA", default_value = "./gleaner")]
        data: PathBuf,
        /// The UDP address for clients; port 0 takes a free one.
        #[arg(long, default_value = "0.0.0.0:4433", value_name = "ADDR:PORT")]
        listen: SocketAddr,
        /// The address that goes into invites, if it is not the one listened on.
        #[arg(long, value_name = "HOST:PORT")]
        public: Option<String>,
    },
}

fn main() -> ExitCode {
    let Cli { command: Command::Run { data, listen, public } } = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(run::run(run::Wish { data, listen, public })),
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            exit_code(&error)
        }
    }
}

/// 5 if another server holds the folder, 12 if its database is newer, else 1.
fn exit_code(error: &anyhow::Error) -> ExitCode {
    if let Some(data::DataError::Held(_)) = error.downcast_ref() {
        return ExitCode::from(5);
    }
    if let Some(gleaner_store::OpenError::VersionTooNew { .. }) = error.downcast_ref() {
        return ExitCode::from(12);
    }
    ExitCode::FAILURE
}
