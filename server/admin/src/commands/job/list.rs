//! `job list`: all jobs.

use clap::Args;
use gleaner_shared::wire::admin::job::JobStatus;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use super::text::phase;
use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// List all jobs.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin job list")]
pub(crate) struct List {}

#[derive(Serialize)]
struct Jobs {
    jobs: Vec<JobStatus>,
}

impl List {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Jobs(jobs) = admin.ask(&Request::JobList).await? else {
            return Err(talk::misfit());
        };
        let jobs = Jobs { jobs };
        admin.output.show("gleaner/job-list/1", &jobs, || table(&jobs.jobs))?;
        Ok(Exit::Done)
    }
}

fn table(jobs: &[JobStatus]) -> String {
    let header = [
        ("NAME", Side::Left),
        ("APP", Side::Left),
        ("CORPUS", Side::Left),
        ("STATE", Side::Left),
        ("MERGED", Side::Right),
        ("UNITS", Side::Right),
        ("FAILED", Side::Right),
    ];
    let rows = jobs.iter().map(|job| {
        vec![
            job.name.clone(),
            job.app.clone(),
            job.corpus.clone(),
            phase(job.phase).to_owned(),
            show::count(job.merged),
            show::count(job.units),
            show::count(job.failed),
        ]
    });
    show::table(&header, rows)
}
