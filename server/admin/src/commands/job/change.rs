//! `job pause`, `resume`, `cancel`, `retry`: one request, four words for it.

use clap::Args;
use gleaner_shared::wire::admin::job::{Change, JobStatus};
use gleaner_shared::wire::admin::{Reply, Request};

use super::text;
use crate::admin::Admin;
use crate::confirm::{Consent, Decision};
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Give a job up; what is merged stays readable.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin job cancel words --yes")]
pub(crate) struct Cancel {
    /// The job
    name: String,
    #[command(flatten)]
    consent: Consent,
}

impl Cancel {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let act = format!("cancel job {}", escaped(&self.name));
        match self.consent.decide(&act)? {
            Decision::Go => run(admin, self.name, Change::Cancel).await,
            Decision::Describe => {
                let job = asked(admin, &Request::JobStatus { name: self.name }).await?;
                admin.output.note(&format!("would {act}"));
                shown(admin, &job)
            }
        }
    }
}

/// Changes a job and shows it.
pub(super) async fn run(admin: &Admin, name: String, change: Change) -> Result<Exit, Fault> {
    let job = asked(admin, &Request::JobChange { name, change }).await?;
    shown(admin, &job)
}

async fn asked(admin: &Admin, request: &Request) -> Result<JobStatus, Fault> {
    match admin.ask(request).await? {
        Reply::Job(job) => Ok(job),
        _ => Err(talk::misfit()),
    }
}

fn shown(admin: &Admin, job: &JobStatus) -> Result<Exit, Fault> {
    admin.output.show("gleaner/job-status/1", job, || text::line(job))?;
    Ok(Exit::Done)
}
