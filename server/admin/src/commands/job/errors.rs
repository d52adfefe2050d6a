//! `job errors`: the units that were given up, and what one host said of each.

use clap::Args;
use gleaner_shared::wire::admin::job::FailureRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::show;
use crate::talk;

/// Show the units that failed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin job errors words")]
pub(crate) struct Errors {
    /// The job
    name: String,
}

#[derive(Serialize)]
struct Failures {
    name: String,
    failures: Vec<FailureRow>,
}

impl Errors {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut talk = admin.open().await?;
        talk.ask(&Request::JobErrors { name: self.name.clone() }).await?;
        let mut failures = Vec::new();
        loop {
            match talk.reply().await? {
                Reply::Failures(rows) => failures.extend(rows),
                Reply::Done => break,
                _ => return Err(talk::misfit()),
            }
        }
        let failures = Failures { name: self.name, failures };
        admin.output.show("gleaner/job-errors/1", &failures, || {
            failures.failures.iter().map(text).collect()
        })?;
        let name = escaped(&failures.name);
        admin.output.note(&match failures.failures.is_empty() {
            true => format!("no unit of job {name} failed"),
            false => format!("next: gleaner-admin job retry {name}"),
        });
        Ok(Exit::Done)
    }
}

/// What failed on one line, then the documents, then the host's words, then what to do.
fn text(failure: &FailureRow) -> String {
    let documents = show::counted(failure.count.into(), "document");
    let place = format!("slice {}, from {}, {documents}", failure.slice, failure.first);
    let mut text = format!("{}  ({place})\n", escaped(&failure.failure));
    for document in &failure.documents {
        text.push_str(&format!("    {}\n", escaped(document)));
    }
    if failure.documents.len() < failure.count as usize {
        text.push_str("    ...\n");
    }
    if !failure.message.is_empty() {
        text.push_str(&format!("  a host said: {}\n", escaped(&failure.message)));
    }
    text.push_str(&format!("  do: {}\n", escaped(&failure.next)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_where_why_and_what_to_do_and_commands_no_terminal() {
        let failure = FailureRow {
            slice: 3,
            first: 1,
            count: 2,
            documents: vec!["PMC1\u{1b}[2J".into()],
            failure: "the app crashed".into(),
            message: "at\nline 7".into(),
            next: "report it".into(),
        };
        let shown = "the app crashed  (slice 3, from 1, 2 documents)\n    PMC1\\u{1b}[2J\n    \
                     ...\n  a host said: at\\nline 7\n  do: report it\n";
        assert_eq!(text(&failure), shown);
    }
}
