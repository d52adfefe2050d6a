//! What a job is asked to do: the options that `job submit` and `job plan` share.

use core::time::Duration;
use std::path::PathBuf;

use clap::Args;
use gleaner_apps::{App, DataNeed, Params};
use gleaner_shared::limits::{COPIES_MAX, LEASE_DEFAULT, LEASE_RANGE, PARAMS_MAX, PRIORITY_MAX};
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;

use crate::admin::Admin;
use crate::fault::{Exit, Fault, Told};
use crate::progress::Measure;
use crate::{ontology, show};

/// A job without its name.
#[derive(Args, Debug)]
pub(super) struct Wish {
    /// The corpus
    #[arg(long, value_name = "C")]
    pub(super) corpus: String,
    /// The app, as word-count or ontology-match
    #[arg(long, value_name = "APP")]
    pub(super) app: String,
    /// Ontologies (.obo, .owl, .json, .tsv), or one compiled dictionary
    #[arg(long, value_name = "FILE", num_args = 1..)]
    ontology: Vec<PathBuf>,
    /// A parameter of the app; may be repeated
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = param)]
    pub(super) params: Vec<(String, String)>,
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

impl Wish {
    /// The app, and whether the wish suits it, as far as that can be known without the server.
    pub(super) fn app(&self, what: &str) -> Result<&'static dyn App, Fault> {
        let refused = |exit, why: String, next: &str| {
            Err(Told { exit, what: what.into(), why, next: next.into() }.into())
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
        let params = self.params();
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
            _ => Ok(app),
        }
    }

    /// The app's parameters; one that is given twice counts once.
    pub(super) fn params(&self) -> Params {
        self.params.iter().cloned().collect()
    }

    /// The app's data, compiled, if it has some.
    pub(super) fn data(&self, admin: &Admin) -> Result<Option<Vec<u8>>, Fault> {
        if self.ontology.is_empty() {
            return Ok(None);
        }
        let mut progress = admin.progress("compiling", Measure::Things("concepts"));
        Ok(Some(ontology::artefact(&self.ontology, &mut progress)?.bytes))
    }

    /// The job's rules.
    pub(super) fn policy(&self) -> Policy {
        let millis = u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX);
        Policy {
            copies: self.copies,
            own_copies: self.own_copies,
            priority: self.priority,
            deadline: Millis(millis),
        }
    }
}

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
