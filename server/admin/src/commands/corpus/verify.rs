//! `corpus verify`: what was stored is still what was stored.

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::progress::{Mark, Measure};
use crate::{show, talk};

/// Read every payload of a corpus and check its digest.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin corpus verify notes")]
pub(crate) struct Verify {
    /// The corpus
    name: String,
}

impl Verify {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut talk = admin.open().await?;
        let title = format!("corpus verify {}", self.name);
        let mut progress = admin.progress(&title, Measure::Things("payloads"));
        talk.ask(&Request::CorpusVerify { name: self.name.clone() }).await?;
        let verified = loop {
            match talk.reply_in_time().await? {
                Reply::Progress { done, total } => progress.set(Mark { done, total }),
                Reply::Verified(verified) => break verified,
                _ => return Err(talk::misfit()),
            }
        };
        drop(progress);
        admin.output.show("gleaner/corpus-verified/1", &verified, || {
            let payloads = show::counted(verified.payloads, "payload");
            let documents = show::counted(verified.documents, "document");
            let mut text = format!("{payloads}, {documents} are right\n");
            for wrong in &verified.wrong {
                text.push_str(&format!("wrong: {}\n", escaped(wrong)));
            }
            text
        })?;
        if verified.wrong.is_empty() {
            return Ok(Exit::Done);
        }
        Err(Told {
            exit: Exit::Checksum,
            what: format!("corpus {} is damaged", self.name),
            why: format!(
                "{} found that is not as it was stored",
                show::counted(verified.wrong.len() as u64, "thing")
            ),
            next: "look at the server's disk, and restore its data folder from a backup".into(),
        }
        .into())
    }
}
