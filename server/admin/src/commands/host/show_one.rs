//! `host show`: one machine.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};

use super::text;
use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Show one host.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin host show 4f21")]
pub(crate) struct Show {
    /// Its id, the beginning of it, or its name
    #[arg(value_name = "ID")]
    host: String,
}

impl Show {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Host(host) = admin.ask(&Request::HostShow { host: self.host }).await? else {
            return Err(talk::misfit());
        };
        admin.output.show("gleaner/host/1", &host, || text(&host))?;
        Ok(Exit::Done)
    }
}
