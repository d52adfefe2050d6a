//! `job wait`: ends when the job has ended, finish step and all. A restart of the server does not
//! end it.

use core::time::Duration;

use clap::Args;
use gleaner_shared::wire::admin::job::{JobStatus, Phase};

use super::text;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::follow::{Follow, News, exit_of, has_ended};
use crate::progress::{Mark, Measure, Progress};

/// Wait until a job is done.
#[derive(Args, Debug)]
#[command(after_help = "\
Ends with 0 when all is done, 3 if units failed, 1 if it was cancelled and
9 if the time is over. A server that goes away is waited for.

Example:
  gleaner-admin job wait words --timeout 2h && gleaner-admin result tables words")]
pub(crate) struct Wait {
    /// The job
    name: String,
    /// Wait no longer than this, as 90s or 2h
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
}

impl Wait {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut follow = Follow::new(admin, &self.name, self.timeout);
        let mut progress = admin.progress(&format!("job {}", self.name), Measure::Things("units"));
        let mut phase = Phase::Running;
        let job = loop {
            match follow.news().await? {
                News::Status(job) if has_ended(&job) => break job,
                News::Status(job) => {
                    if job.phase != phase {
                        phase = job.phase;
                        progress.note(&changed(&job));
                    }
                    let done = job.merged + job.failed;
                    progress.set(Mark { done, total: job.units });
                }
                News::Quiet => progress.tick(),
                News::Lost => told(&progress, "the server went away; trying again"),
                News::Back => told(&progress, "the server is back"),
            }
        };
        drop(progress);
        admin.output.show("gleaner/job-status/1", &job, || text::last_line(&job))?;
        let name = escaped(&job.name);
        admin.output.note(&match exit_of(&job) {
            Exit::Done => format!("next: gleaner-admin result export {name} --to DIR"),
            Exit::SomeFailed => format!("next: gleaner-admin job errors {name}"),
            _ => format!("what was merged before: gleaner-admin result export {name} --to DIR"),
        });
        Ok(exit_of(&job))
    }
}

fn told(progress: &Progress, text: &str) {
    progress.note(text);
}

fn changed(job: &JobStatus) -> String {
    format!("job {} is {} now", escaped(&job.name), text::phase(job.phase))
}
