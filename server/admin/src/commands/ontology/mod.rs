//! `ontology`: dictionaries of ontologies.

use clap::Subcommand;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod compile;

/// Commands about ontologies.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin ontology compile symp.obo")]
pub(crate) enum Ontology {
    /// Make one dictionary of some ontologies, and count what is in it
    Compile(compile::Compile),
}

impl Ontology {
    pub(crate) fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Compile(command) => command.run(admin),
        }
    }
}
