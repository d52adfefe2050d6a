//! `invite create`: the invite alone goes to standard output, so that a script can catch it.

use core::time::Duration;
use std::io::{self, IsTerminal};

use clap::Args;
use gleaner_shared::wire::admin::invite::InviteWish;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::Role;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::{show, talk};

/// Make an invite and print it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin invite create
  gleaner-admin invite create --trusted --uses 40 --expires 7d
  gleaner-admin invite create --admin")]
pub(crate) struct Create {
    /// For your own machines: their results need no second opinion
    #[arg(long)]
    trusted: bool,
    /// For a person who commands the server
    #[arg(long, conflicts_with = "trusted")]
    admin: bool,
    /// All volunteers of this invite share this account
    #[arg(long, value_name = "NAME", conflicts_with_all = ["trusted", "admin"])]
    account: Option<String>,
    /// How many machines may use it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    uses: u32,
    /// For how long, as 24h or 7d
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = humantime::parse_duration)]
    expires: Duration,
}

impl Create {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let role = match (self.trusted, self.admin) {
            (true, _) => Role::Own,
            (_, true) => Role::Admin,
            _ => Role::Volunteer,
        };
        let wish = InviteWish {
            role,
            account: self.account,
            uses: self.uses,
            expires_seconds: self.expires.as_secs(),
        };
        let Reply::InviteMade(made) = admin.ask(&Request::InviteCreate(wish)).await? else {
            return Err(talk::misfit());
        };
        let invite = escaped(&made.invite).into_owned();
        admin.output.show("gleaner/invite/1", &made, || invite.clone())?;
        let until = show::moment(made.expires_at_unix_seconds);
        let uses = show::counted(self.uses.into(), "machine");
        admin.output.note(&format!("invite {} for {uses}, until {until}", made.id));
        // The secret goes no second way unless a person is to read both.
        let shown = if io::stdout().is_terminal() { &invite } else { "INVITE" };
        admin.output.note(&match role {
            Role::Admin => format!("next, elsewhere: gleaner-admin login '{shown}'"),
            Role::Own | Role::Volunteer => format!("next, there: gleaner-client join '{shown}'"),
        });
        Ok(Exit::Done)
    }
}
