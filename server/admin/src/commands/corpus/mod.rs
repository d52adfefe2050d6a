//! `corpus`: bringing documents in, and what is there.

use clap::Subcommand;
use gleaner_shared::wire::admin::corpus::CorpusRow;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::show;

mod add;
mod add_roots;
mod add_years;
mod list;
mod rm;
mod show_one;
mod verify;

/// Commands about corpora.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Example:\n  gleaner-admin corpus add notes ./texts\n  gleaner-admin corpus show notes"
)]
pub(crate) enum Corpus {
    /// Bring documents in; again to go on or to add more
    Add(add::Add),
    /// List all corpora
    List(list::List),
    /// Show one corpus, and what was set aside
    Show(show_one::Show),
    /// Read every payload of a corpus and check its digest
    Verify(verify::Verify),
    /// Remove a corpus that no job uses
    Rm(rm::Rm),
}

impl Corpus {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Add(command) => command.run(admin).await,
            Self::List(command) => command.run(admin).await,
            Self::Show(command) => command.run(admin).await,
            Self::Verify(command) => command.run(admin).await,
            Self::Rm(command) => command.run(admin).await,
        }
    }
}

/// All that is known of a corpus.
fn text(corpus: &CorpusRow) -> String {
    let state = match corpus.complete {
        true => "complete",
        false => "not complete: repeat corpus add, it goes on where it was",
    };
    let facts = show::facts([
        ("state", state.to_owned()),
        ("documents", show::count(corpus.documents)),
        ("slices", show::count(corpus.slices.into())),
        (
            "size",
            format!(
                "{}, packed {}",
                show::bytes(corpus.raw_bytes),
                show::bytes(corpus.packed_bytes)
            ),
        ),
        ("set aside", show::count(corpus.set_aside)),
        ("jobs", show::count(corpus.jobs.into())),
        ("digest", corpus.digest.clone()),
    ]);
    format!("{}\n{facts}", escaped(&corpus.name))
}
