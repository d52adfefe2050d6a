//! `job submit`: the app's data first, then the job. Repeating it changes nothing.

use core::time::Duration;
use std::path::PathBuf;

use clap::Args;
use gleaner_apps::{DataNeed, Params};
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{COPIES_MAX, LEASE_DEFAULT, LEASE_RANGE, PARAMS_MAX, PRIORITY_MAX};
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::work::Artefact;

use super::text;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::progress::{Mark, Measure};
use crate::talk::{self, Talk};
use crate::{ontology, show};

/// Submit a job.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin job submit words --corpus notes --app word-count
  gleaner-admin job submit mesh --corpus notes --app ontology-match --ontology mesh.obo")]
pub(crate) struct Submit {
    /// The job's name: lower-case letters, digits, `-` and `_`
    name: String,
    /// The corpus
    #[arg(long, value_name = "C")]
    corpus: String,
    /// The app, as word-count or ontology-match
    #[arg(long, value_name = "APP")]
    app: String,
    /// Ontologies (.obo, .owl, .json, .tsv), or one compiled dictionary
    #[arg(long, value_name = "FILE", num_args = 1..)]
    ontology: Vec<PathBuf>,
    /// A parameter of the app; may be repeated
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = param)]
    params: Vec<(String, String)>,
    /// Equal results of strangers that a unit needs
    #[arg(long, value_name = "N", default_value_t = Policy::default().copies, value_parser = clap::value_parser!(u8).range(1..=i64::from(COPIES_MAX)))]
    copies: u8,
    /// Equal results of your own hosts that a unit needs
    #[arg(long, value_name = "N", default_value_t = Policy::default().own_copies, value_parser = clap::value_parser!(u8).range(1..=i64::from(COPIES_MAX)))]
    own_copies: u8,
    /// Weight among jobs that have work: 3 gets three times the units of 1
    #[arg(long, value_name = "N", default_value_t = Policy::default().priority, value_parser = clap::value_parser!(u8).range(1..=i64::from(PRIORITY_MAX)))]
    priority: u8,
    /// How long a host may be silent before its work goes to another
    #[arg(long, value_name = "DURATION", default_value_t = default_lease(), value_parser = lease)]
    deadline: humantime::Duration,
}

fn default_lease() -> humantime::Duration {
    Duration::from_millis(LEASE_DEFAULT.0).into()
}

impl Submit {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        self.check()?;
        let data = match self.ontology.is_empty() {
            true => None,
            false => {
                let mut progress = admin.progress("compiling", Measure::Things("concepts"));
                Some(ontology::artefact(&self.ontology, &mut progress)?.bytes)
            }
        };
        let mut talk = admin.open().await?;
        let data = match data {
            None => None,
            Some(bytes) => Some(put(admin, &mut talk, &bytes).await?),
        };
        let millis = u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX);
        let policy = Policy {
            copies: self.copies,
            own_copies: self.own_copies,
            priority: self.priority,
            deadline: Millis(millis),
        };
        let wish = JobWish {
            name: self.name,
            corpus: self.corpus,
            app: self.app,
            params: self.params,
            data,
            policy,
        };
        talk.ask(&Request::JobSubmit(wish)).await?;
        let Reply::Job(job) = talk.reply().await? else { return Err(talk::misfit()) };
        admin.output.show("gleaner/job-status/1", &job, || {
            let units = show::counted(job.units, "unit");
            let (app, corpus) = (escaped(&job.app), escaped(&job.corpus));
            format!("{}\n{units} of {app} on corpus {corpus}", text::line(&job))
        })?;
        admin.output.note(&format!("next: gleaner-admin job wait {}", escaped(&job.name)));
        Ok(Exit::Done)
    }

    /// What can be known without the server.
    fn check(&self) -> Result<(), Fault> {
        let refused = |exit, why: String, next: &str| {
            let what = format!("job {} cannot be submitted", self.name);
            Err(Told { exit, what, why, next: next.into() }.into())
        };
        if self.params.len() > PARAMS_MAX {
            let why = format!("it has {} parameters, at most {PARAMS_MAX} fit", self.params.len());
            return refused(Exit::Usage, why, "leave some out");
        }
        let app = match gleaner_apps::app(&self.app) {
            Ok(app) => app,
            Err(error) => {
                return refused(Exit::NotFound, error.to_string(), "give one of these with --app");
            }
        };
        let params: Params = self.params.iter().cloned().collect();
        if params.len() < self.params.len() {
            return refused(Exit::Usage, "a parameter is given twice".into(), "give each once");
        }
        if let Err(error) = app.check_params(&params) {
            return refused(Exit::Usage, error.to_string(), "mend or leave out the --param");
        }
        match (app.needs_data(), self.ontology.is_empty()) {
            (DataNeed::Dictionary, true) => refused(
                Exit::Usage,
                format!("{} looks for the concepts of an ontology", app.full_name()),
                "add --ontology FILE (.obo, .owl, .json or .tsv)",
            ),
            (DataNeed::None, false) => refused(
                Exit::Usage,
                format!("app {} takes no ontology", app.full_name()),
                "leave --ontology out",
            ),
            _ => Ok(()),
        }
    }
}

/// Stores the job's data, unless the server has it.
async fn put(admin: &Admin, talk: &mut Talk, bytes: &[u8]) -> Result<Digest, Fault> {
    let artefact = Artefact { digest: digest(bytes), len: bytes.len() as u64 };
    talk.ask(&Request::ArtefactPut(artefact)).await?;
    match talk.reply().await? {
        Reply::Have(true) => {}
        Reply::Have(false) => {
            let mut progress = admin.progress("sending the dictionary", Measure::Bytes);
            let mut done = 0;
            for piece in bytes.chunks(PIECE_BYTES) {
                talk.send_bytes(piece).await?;
                done += piece.len() as u64;
                progress.set(Mark { done, total: artefact.len });
            }
        }
        _ => return Err(talk::misfit()),
    }
    match talk.reply_in_time().await? {
        Reply::Done => Ok(artefact.digest),
        _ => Err(talk::misfit()),
    }
}

/// Bytes sent between two looks at the progress.
const PIECE_BYTES: usize = 256 * 1024;

/// `KEY=VALUE`.
fn param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".into()),
    }
}

/// A lease's time in its range.
fn lease(text: &str) -> Result<humantime::Duration, String> {
    let lease: humantime::Duration = text.parse().map_err(|error| format!("{error}"))?;
    let (least, most) = LEASE_RANGE;
    let millis = lease.as_millis();
    if millis < u128::from(least.0) || millis > u128::from(most.0) {
        let span = |millis: Millis| show::span(Duration::from_millis(millis.0));
        return Err(format!("from {} to {} is possible", span(least), span(most)));
    }
    Ok(lease)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_pairs() {
        assert_eq!(param("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(param("a="), Ok(("a".into(), String::new())));
        assert!(param("a").is_err() && param("=a").is_err());
    }

    #[test]
    fn leases_have_a_range() {
        assert_eq!(lease("10m").unwrap().as_secs(), 600);
        for wrong in ["1s", "8d", "soon", "", "9999999999y"] {
            assert!(lease(wrong).is_err(), "{wrong}");
        }
    }
}
