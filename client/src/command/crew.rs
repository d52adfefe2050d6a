//! `crew`: what the client starts to compute units apart from itself. Not for people.

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::runtime;
use crate::compute::bench::Bench;
use crate::compute::{memory, serve};
use crate::disk::folder::Folder;
use crate::trouble::{Exit, Trouble};

/// Compute units for the client that starts this (internal)
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct Crew {
    /// Bytes of memory that it may have
    #[arg(long, value_name = "BYTES")]
    memory: u64,
}

impl Crew {
    pub(crate) fn run(self, folder: &Folder) -> Result<(), Trouble> {
        let failed = |what: &str, error: std::io::Error| {
            let act = "this command is for the client itself: gleaner-client run";
            Trouble::new(Exit::Failed, what, &error.to_string(), act)
        };
        let ears = runtime()?;
        let _entered = ears.enter();
        // A service that stops signals all of its processes; this one ends with its parent, and
        // must not look as if its unit had ended it. To have asked for signals once is enough.
        let _heard = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
            .map(|kind| signal(kind).ok());
        memory::confine(self.memory).map_err(|error| failed("memory cannot be limited", error))?;
        let served = serve::serve(std::io::stdin(), std::io::stdout(), Bench::new(folder));
        served.map_err(|error| failed("units cannot be told", error))
    }
}
