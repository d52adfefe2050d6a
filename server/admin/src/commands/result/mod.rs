//! `result`: what a job brought.

use clap::Subcommand;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod connect;
mod export;
mod tables;
mod verify;

/// Commands about results.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin result export words --to out")]
pub(crate) enum Results {
    /// Write the results of a job to files
    Export(export::Export),
    /// Show the tables of a job in the store
    Tables(tables::Tables),
    /// Check the files of an export
    Verify(verify::Verify),
    /// Print lines for SQL shells, Python and DuckDB
    Connect(connect::Connect),
}

impl Results {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Export(command) => command.run(admin).await,
            Self::Tables(command) => command.run(admin).await,
            Self::Verify(command) => command.run(admin).await,
            Self::Connect(command) => command.run(admin).await,
        }
    }
}
