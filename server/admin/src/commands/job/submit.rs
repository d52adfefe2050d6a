//! `job submit`: the app's data first, then the job. Repeating it changes nothing.

use clap::Args;
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::work::Artefact;

use super::text;
use super::wish::Wish;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::progress::{Mark, Measure};
use crate::show;
use crate::talk::{self, Talk};

/// Submit a job.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin job submit words --corpus notes --app word-count
  gleaner-admin job submit mesh --corpus notes --app ontology-match --ontology mesh.obo")]
pub(crate) struct Submit {
    /// The job's name: lower-case letters, digits, `-` and `_`
    name: String,
    #[command(flatten)]
    wish: Wish,
}

impl Submit {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let what = format!("job {} cannot be submitted", self.name);
        self.wish.app(&what)?;
        let data = self.wish.data(admin)?;
        let mut talk = admin.open().await?;
        let data = match data {
            None => None,
            Some(bytes) => Some(put(admin, &mut talk, &bytes).await?),
        };
        let policy = self.wish.policy();
        let Wish { corpus, app, params, .. } = self.wish;
        let wish = JobWish { name: self.name, corpus, app, params, data, policy };
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
