//! `invite revoke`: who has joined with it stays; nobody else comes in.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Take an invite back.
#[derive(Args, Debug)]
#[command(after_help = "\
Machines that have joined with it stay; see: host ban

Example:
  gleaner-admin invite revoke 7")]
pub(crate) struct Revoke {
    /// The invite's number, as in: invite list
    #[arg(value_name = "ID")]
    id: u32,
}

#[derive(Serialize)]
struct Revoked {
    id: u32,
}

impl Revoke {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Done = admin.ask(&Request::InviteRevoke { id: self.id }).await? else {
            return Err(talk::misfit());
        };
        let revoked = Revoked { id: self.id };
        let text = || format!("invite {} is revoked", self.id);
        admin.output.show("gleaner/invite-revoked/1", &revoked, text)?;
        Ok(Exit::Done)
    }
}
