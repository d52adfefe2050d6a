//! `status`: how the server is.

use core::time::Duration;

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};

use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::{show, talk};

/// How the server is.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin status --data /var/lib/gleaner")]
pub(crate) struct Status {}

impl Status {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Server(server) = admin.ask(&Request::Server).await? else {
            return Err(talk::misfit());
        };
        admin.output.show("gleaner/server-status/1", &server, || {
            let state = match &server.paused {
                None => "running".to_owned(),
                Some(why) => format!("paused: {why}"),
            };
            let server = server.clone();
            let facts = show::facts([
                ("state", state),
                ("up", show::span(Duration::from_secs(server.up_seconds))),
                ("address", server.address),
                ("id", server.id),
                ("hosts", format!("{} connected", show::count(server.hosts_connected.into()))),
                ("jobs", format!("{} open", show::count(server.jobs_open.into()))),
            ]);
            format!("gleaner-server {}\n{facts}", crate::escape::escaped(&server.version))
        })?;
        Ok(Exit::Done)
    }
}
