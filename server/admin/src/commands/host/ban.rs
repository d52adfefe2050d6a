//! `host ban`: the host is looked up first, so that the question names the one that is meant.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};

use super::text;
use crate::admin::Admin;
use crate::confirm::{Consent, Decision};
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Give a host no more work and count none of its open results.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin host ban 4f21 --yes")]
pub(crate) struct Ban {
    /// Its id, the beginning of it, or its name
    #[arg(value_name = "ID")]
    host: String,
    #[command(flatten)]
    consent: Consent,
}

impl Ban {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Host(found) = admin.ask(&Request::HostShow { host: self.host }).await? else {
            return Err(talk::misfit());
        };
        let act = format!("ban host {} ({:.8})", escaped(&found.name), escaped(&found.id));
        let host = match self.consent.decide(&act)? {
            Decision::Describe => {
                admin.output.note(&format!("would {act}"));
                found
            }
            Decision::Go => match admin.ask(&Request::HostBan { host: found.id }).await? {
                Reply::Host(host) => host,
                _ => return Err(talk::misfit()),
            },
        };
        admin.output.show("gleaner/host/1", &host, || text(&host))?;
        Ok(Exit::Done)
    }
}
