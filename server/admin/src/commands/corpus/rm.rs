//! `corpus rm`: the documents go; the files that they came from are not touched.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::confirm::{Consent, Decision};
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Remove a corpus that no job uses.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin corpus rm notes --yes")]
pub(crate) struct Rm {
    /// The corpus
    name: String,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Serialize)]
struct Removed {
    name: String,
    removed: bool,
}

impl Rm {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let name = self.name;
        let act = format!("remove corpus {}", escaped(&name));
        let decision = self.consent.decide(&act)?;
        // A dry run finds out at least whether there is such a corpus.
        let request = match decision {
            Decision::Go => Request::CorpusRemove { name: name.clone() },
            Decision::Describe => Request::CorpusShow { name: name.clone() },
        };
        let text = match (admin.ask(&request).await?, decision) {
            (Reply::Done, Decision::Go) => format!("corpus {} is removed", escaped(&name)),
            (Reply::Corpus(corpus), Decision::Describe) if corpus.jobs == 0 => {
                format!("would {act} of {} documents", corpus.documents)
            }
            (Reply::Corpus(corpus), Decision::Describe) => {
                format!("would not {act}: {} jobs use it", corpus.jobs)
            }
            _ => return Err(talk::misfit()),
        };
        let removed = Removed { name, removed: decision == Decision::Go };
        admin.output.show("gleaner/corpus-removed/1", &removed, || text)?;
        Ok(Exit::Done)
    }
}
