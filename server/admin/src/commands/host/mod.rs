//! `host`: the machines that compute.

use clap::Subcommand;
use gleaner_shared::wire::admin::host::HostRow;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::show;

mod ban;
mod list;
mod show_one;

/// Commands about hosts.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin host list")]
pub(crate) enum Host {
    /// List all hosts
    List(list::List),
    /// Show one host
    Show(show_one::Show),
    /// Give a host no more work and count none of its open results
    Ban(ban::Ban),
}

impl Host {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::List(command) => command.run(admin).await,
            Self::Show(command) => command.run(admin).await,
            Self::Ban(command) => command.run(admin).await,
        }
    }
}

/// A host's state in a word.
fn state(host: &HostRow) -> &'static str {
    match (host.banned, host.connected) {
        (true, _) => "banned",
        (_, true) => "here",
        _ => "away",
    }
}

/// All that is known of a host.
fn text(host: &HostRow) -> String {
    let facts = show::facts([
        ("id", host.id.clone()),
        ("state", state(host).to_owned()),
        ("account", host.account.clone()),
        ("role", show::role(host.role).to_owned()),
        ("leases", show::count(host.leases.into())),
        ("merged", show::counted(host.merged, "unit")),
        ("joined", show::moment(host.joined_at_unix_seconds)),
        ("seen", show::moment(host.seen_at_unix_seconds)),
    ]);
    format!("{}\n{facts}", escaped(&host.name))
}
