//! `job why`: the server's reasons, most telling first.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Say why a job does not advance.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin job why words")]
pub(crate) struct Why {
    /// The job
    name: String,
}

#[derive(Serialize)]
struct Reasons {
    name: String,
    reasons: Vec<String>,
}

impl Why {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let request = Request::JobWhy { name: self.name.clone() };
        let Reply::Why(reasons) = admin.ask(&request).await? else {
            return Err(talk::misfit());
        };
        let why = Reasons { name: self.name, reasons };
        admin.output.show("gleaner/job-why/1", &why, || {
            let lines = why.reasons.iter().enumerate();
            lines.map(|(at, reason)| format!("{} {}\n", at + 1, escaped(reason))).collect()
        })?;
        Ok(Exit::Done)
    }
}
