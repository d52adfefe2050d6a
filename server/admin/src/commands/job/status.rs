//! `job status`: how a job stands; with `--watch`, whenever it changes, until it has ended.

use std::io::{self, IsTerminal};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use gleaner_shared::wire::admin::job::JobStatus;
use gleaner_shared::wire::admin::{Reply, Request};

use super::text;
use crate::admin::Admin;
use crate::fault::{Exit, Fault, Style};
use crate::follow::{Follow, News, exit_of, has_ended};
use crate::talk;

const SCHEMA: &str = "gleaner/job-status/1";

/// Show how a job does.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin job status words
  gleaner-admin job status words --watch")]
pub(crate) struct Status {
    /// The job
    name: String,
    /// Follow it until it has ended
    #[arg(long)]
    watch: bool,
}

impl Status {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        if self.watch {
            return watch(admin, &self.name).await;
        }
        let Reply::Job(job) = admin.ask(&Request::JobStatus { name: self.name }).await? else {
            return Err(talk::misfit());
        };
        admin.output.show(SCHEMA, &job, || text::block(&job, now_unix_seconds()))?;
        Ok(Exit::Done)
    }
}

async fn watch(admin: &Admin, name: &str) -> Result<Exit, Fault> {
    let mut follow = Follow::new(admin, name, None);
    let mut screen = Screen::new(admin.output.style());
    loop {
        match follow.news().await? {
            News::Status(job) => {
                admin.output.show(SCHEMA, &job, || screen.draw(&job))?;
                if has_ended(&job) {
                    return Ok(exit_of(&job));
                }
            }
            News::Quiet => {}
            News::Lost => {
                screen.lines = 0;
                admin.output.note("the server went away; trying again");
            }
            News::Back => admin.output.note("the server is back"),
        }
    }
}

/// Draws over what was drawn before, if that can be done.
struct Screen {
    is_live: bool,
    /// Lines of the last block.
    lines: usize,
}

impl Screen {
    fn new(style: Style) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_live = style == Style::Text && io::stdout().is_terminal() && !is_dumb;
        Self { is_live, lines: 0 }
    }

    fn draw(&mut self, job: &JobStatus) -> String {
        if !self.is_live {
            return text::line(job);
        }
        let block = text::block(job, now_unix_seconds());
        // Up to the first line of the last block, and clear from there on (ECMA-48: CUU, ED).
        let up = match self.lines {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A\u{1b}[J"),
        };
        self.lines = block.lines().count();
        up + &block
    }
}

fn now_unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
