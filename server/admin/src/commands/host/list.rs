//! `host list`: all machines that ever joined.

use clap::Args;
use gleaner_shared::wire::admin::host::HostRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use super::state;
use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// List all hosts.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin host list")]
pub(crate) struct List {}

#[derive(Serialize)]
struct Hosts {
    hosts: Vec<HostRow>,
}

impl List {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut talk = admin.open().await?;
        talk.ask(&Request::HostList).await?;
        let mut hosts = Vec::new();
        loop {
            match talk.reply().await? {
                Reply::Hosts(rows) => hosts.extend(rows),
                Reply::Done => break,
                _ => return Err(talk::misfit()),
            }
        }
        let hosts = Hosts { hosts };
        admin.output.show("gleaner/host-list/1", &hosts, || table(&hosts.hosts))?;
        Ok(Exit::Done)
    }
}

fn table(hosts: &[HostRow]) -> String {
    let header = [
        ("ID", Side::Left),
        ("NAME", Side::Left),
        ("ACCOUNT", Side::Left),
        ("ROLE", Side::Left),
        ("STATE", Side::Left),
        ("LEASES", Side::Right),
        ("MERGED", Side::Right),
    ];
    let rows = hosts.iter().map(|host| {
        vec![
            host.id.chars().take(8).collect(),
            host.name.clone(),
            host.account.clone(),
            show::role(host.role).to_owned(),
            state(host).to_owned(),
            show::count(host.leases.into()),
            show::count(host.merged),
        ]
    });
    show::table(&header, rows)
}

#[cfg(test)]
mod tests {
    use gleaner_shared::wire::stream::Role;

    use super::*;

    #[test]
    fn a_hosts_name_commands_no_terminal_and_breaks_no_table() {
        let host = HostRow {
            id: "ab".repeat(32),
            name: "\u{1b}[31m\u{202e}evil\nforged line".into(),
            account: "x".repeat(64),
            role: Role::Volunteer,
            banned: false,
            connected: true,
            leases: 3,
            merged: 41_207,
            joined_at_unix_seconds: 0,
            seen_at_unix_seconds: 0,
        };
        for text in [table(std::slice::from_ref(&host)), super::super::text(&host)] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            assert!(!text.lines().any(|line| line.starts_with("forged")), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
