//! `job`: submitting jobs, and how they do.

use clap::{Args, Subcommand};
use gleaner_shared::wire::admin::job::Change;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod change;
mod errors;
mod list;
mod plan;
mod planned;
mod status;
mod submit;
mod text;
mod wait;
mod why;
mod wish;

/// Commands about jobs.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Example:\n  gleaner-admin job submit words --corpus notes --app word-count"
)]
pub(crate) enum Job {
    /// Submit a job
    Submit(submit::Submit),
    /// Say what a job would take, and change nothing
    Plan(plan::Plan),
    /// List all jobs
    List(list::List),
    /// Show how a job does
    Status(status::Status),
    /// Wait until a job is done
    Wait(wait::Wait),
    /// Say why a job does not advance
    Why(why::Why),
    /// Show the units that failed
    Errors(errors::Errors),
    /// Lease no more of a job until it is resumed
    #[command(after_help = "Example:\n  gleaner-admin job pause words")]
    Pause(Named),
    /// Go on with a job that was paused
    #[command(after_help = "Example:\n  gleaner-admin job resume words")]
    Resume(Named),
    /// Give a job up; what is merged stays readable
    Cancel(change::Cancel),
    /// Do the failed units of a job again
    #[command(after_help = "Example:\n  gleaner-admin job retry words")]
    Retry(Named),
}

/// A job by name.
#[derive(Args, Debug)]
pub(crate) struct Named {
    /// The job
    name: String,
}

impl Job {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Submit(command) => command.run(admin).await,
            Self::Plan(command) => command.run(admin).await,
            Self::List(command) => command.run(admin).await,
            Self::Status(command) => command.run(admin).await,
            Self::Wait(command) => command.run(admin).await,
            Self::Why(command) => command.run(admin).await,
            Self::Errors(command) => command.run(admin).await,
            Self::Pause(job) => change::run(admin, job.name, Change::Pause).await,
            Self::Resume(job) => change::run(admin, job.name, Change::Resume).await,
            Self::Cancel(command) => command.run(admin).await,
            Self::Retry(job) => change::run(admin, job.name, Change::Retry).await,
        }
    }
}
