//! `invite`: letting machines and people in, and taking that back.

use clap::Subcommand;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod create;
mod list;
mod revoke;

/// Commands about invites.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin invite create --uses 40 --expires 7d")]
pub(crate) enum Invite {
    /// Make an invite and print it
    Create(create::Create),
    /// List all invites
    List(list::List),
    /// Take an invite back
    Revoke(revoke::Revoke),
}

impl Invite {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Create(command) => command.run(admin).await,
            Self::List(command) => command.run(admin).await,
            Self::Revoke(command) => command.run(admin).await,
        }
    }
}
