//! `job plan`: what a job would take, foretold from a sample. Nothing is changed.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};

use super::planned::{Planned, text};
use super::wish::Wish;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::plan::{Sampler, forecast};
use crate::progress::Measure;
use crate::talk;

/// Say what a job would take, and change nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Computes a sample of the corpus on this machine, some seconds long, and has the
server merge it into tables that nobody keeps. What is asked for is foretold
from that; a small corpus is computed whole.

Examples:
  gleaner-admin job plan --corpus notes --app word-count
  gleaner-admin job plan mesh --corpus notes --app ontology-match --ontology mesh.obo")]
pub(crate) struct Plan {
    /// The job's name, if it has one yet
    name: Option<String>,
    #[command(flatten)]
    wish: Wish,
}

const WHAT: &str = "the job cannot be planned";

impl Plan {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let app = self.wish.app(WHAT)?;
        let data = self.wish.data(admin)?;
        let artefact_bytes = data.as_ref().map_or(0, |data| data.len() as u64);
        let prepared = app.prepare(&self.wish.params(), data.as_deref());
        let prepared = prepared.map_err(|error| unplanned(Exit::Failed, error.to_string()))?;
        drop(data);
        let mut talk = admin.open().await?;
        let (corpus, name) = (self.wish.corpus.clone(), app.full_name());
        talk.ask(&Request::PlanBasis { corpus, app: name }).await?;
        let Reply::Basis(basis) = talk.reply().await? else { return Err(talk::misfit()) };
        let progress = admin.progress("computing a sample", Measure::Bytes);
        let sampler = Sampler::new(&mut talk, &basis.corpus, app, prepared, progress);
        let sample = sampler.taken().await?;
        if let (true, Some(why)) = (sample.docs() == 0, sample.failures.first()) {
            let why = format!("the app does none of the sample: {}", escaped(why));
            return Err(unplanned(Exit::Failed, why));
        }
        for why in &sample.failures {
            admin.output.note(&format!("a part of the sample is left out: {}", escaped(why)));
        }
        let forecast = forecast(&sample, &basis.corpus, app);
        let (of, by) = ((app, artefact_bytes), (&basis, self.wish.policy()));
        let planned = Planned::new(self.name, of, by, (&sample, forecast));
        admin.output.show("gleaner/job-plan/1", &planned, || text(&planned))?;
        Ok(Exit::Done)
    }
}

fn unplanned(exit: Exit, why: String) -> Fault {
    let next = "gleaner-admin job plan --help".into();
    Told { exit, what: WHAT.into(), why, next }.into()
}
