//! `result`: what a job brought.

use clap::Subcommand;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod export;
mod tables;

/// Commands about results.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin result export words --to out")]
pub(crate) enum Results {
    /// Write the results of a job to files
    Export(export::Export),
    /// Show the tables of a job in the store
    Tables(tables::Tables),
}

impl Results {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Export(command) => command.run(admin).await,
            Self::Tables(command) => command.run(admin).await,
        }
    }
}
