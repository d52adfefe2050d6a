//! `corpus show`: one corpus, and every file that was set aside, with the reason.

use clap::Args;
use gleaner_shared::limits::ASIDE_MAX;
use gleaner_shared::wire::admin::corpus::{Aside, CorpusRow};
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use super::text;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::talk;

/// Show one corpus, and what was set aside.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin corpus show notes")]
pub(crate) struct Show {
    /// The corpus
    name: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    corpus: CorpusRow,
    asides: Vec<Aside>,
}

impl Show {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut talk = admin.open().await?;
        talk.ask(&Request::CorpusShow { name: self.name }).await?;
        let Reply::Corpus(corpus) = talk.reply().await? else { return Err(talk::misfit()) };
        let mut asides = Vec::new();
        loop {
            match talk.reply().await? {
                Reply::Asides(rows) if asides.len() + rows.len() <= ASIDE_MAX => {
                    asides.extend(rows)
                }
                Reply::Asides(_) => {}
                Reply::Done => break,
                _ => return Err(talk::misfit()),
            }
        }
        let shown = Shown { corpus, asides };
        admin.output.show("gleaner/corpus/1", &shown, || {
            let mut text = text(&shown.corpus);
            if !shown.asides.is_empty() {
                text.push_str("set aside:\n");
            }
            for aside in &shown.asides {
                text.push_str(&line(aside));
            }
            text
        })?;
        Ok(Exit::Done)
    }
}

/// A line for grep: `FILE: PLACE: REASON`.
fn line(aside: &Aside) -> String {
    let place = match aside.position.as_str() {
        "" => String::new(),
        place => format!("{}: ", escaped(place)),
    };
    format!("  {}: {place}{}\n", escaped(&aside.source), escaped(&aside.reason))
}
