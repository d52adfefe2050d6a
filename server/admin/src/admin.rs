//! What every command is given: where results go, how progress is shown, how the server is reached.

use gleaner_shared::wire::admin::{Reply, Request};

use crate::fault::Fault;
use crate::fault::Style;
use crate::open::Reach;
use crate::output::Output;
use crate::progress::{Choice, Measure, Progress};
use crate::talk::Talk;

/// The surroundings of one command.
#[derive(Debug)]
pub(crate) struct Admin {
    /// Where results go.
    pub(crate) output: Output,
    /// How the server is reached.
    pub(crate) reach: Reach,
    /// `--progress`, if it was given.
    pub(crate) progress: Option<Choice>,
}

impl Admin {
    /// A new stream to the server.
    pub(crate) async fn open(&self) -> Result<Talk, Fault> {
        self.reach.open().await
    }

    /// Asks a question that has one reply.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Fault> {
        let mut talk = self.open().await?;
        talk.ask(request).await?;
        talk.reply().await
    }

    /// Shows how one long thing advances. With `--json` only if it was asked for.
    pub(crate) fn progress(&self, title: &str, measure: Measure) -> Progress {
        let default = match self.output.style() {
            Style::Json => Choice::None,
            Style::Text => Choice::Auto,
        };
        Progress::new(self.progress.unwrap_or(default), title, measure)
    }
}
