//! `invite list`: all invites, without their secrets, which nobody keeps.

use clap::Args;
use gleaner_shared::wire::admin::invite::InviteRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// List all invites.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin invite list")]
pub(crate) struct List {}

#[derive(Serialize)]
struct Invites {
    invites: Vec<InviteRow>,
}

impl List {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut talk = admin.open().await?;
        talk.ask(&Request::InviteList).await?;
        talk.finish().await?;
        let mut invites = Vec::new();
        while let Some(reply) = talk.reply_or_end().await? {
            match reply {
                Reply::Invites(rows) => invites.extend(rows),
                Reply::Done => break,
                _ => return Err(talk::misfit()),
            }
        }
        let invites = Invites { invites };
        admin.output.show("gleaner/invite-list/1", &invites, || table(&invites.invites))?;
        Ok(Exit::Done)
    }
}

fn table(invites: &[InviteRow]) -> String {
    let header = [
        ("ID", Side::Right),
        ("FOR", Side::Left),
        ("ACCOUNT", Side::Left),
        ("USED", Side::Right),
        ("UNTIL", Side::Left),
        ("STATE", Side::Left),
    ];
    let rows = invites.iter().map(|invite| {
        let state = match (invite.revoked, invite.used >= invite.uses) {
            (true, _) => "revoked",
            (_, true) => "spent",
            _ => "open",
        };
        vec![
            invite.id.to_string(),
            show::role(invite.role).to_owned(),
            invite.account.clone().unwrap_or_default(),
            format!("{} of {}", invite.used, invite.uses),
            show::moment(invite.expires_at_unix_seconds),
            state.to_owned(),
        ]
    });
    show::table(&header, rows)
}
