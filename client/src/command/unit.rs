//! `unit`: what the client starts to compute one suspect unit apart from itself. Not for people.

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::runtime;
use crate::compute::apart;
use crate::compute::perform::Workshop;
use crate::compute::task::Void;
use crate::disk::folder::Folder;
use crate::trouble::{Exit, Trouble};

/// Compute one unit for the client that starts this (internal)
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct Unit {}

impl Unit {
    pub(crate) fn run(self, folder: &Folder) -> Result<(), Trouble> {
        let ears = runtime()?;
        let _entered = ears.enter();
        // A service that stops signals all of its processes; this one ends with its parent, and
        // must not look as if its unit had ended it. To have asked for signals once is enough.
        let _heard = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
            .map(|kind| signal(kind).ok());
        let workshop = Workshop::new(folder);
        let done = apart::serve(std::io::stdin(), &mut std::io::stdout().lock(), |errand| {
            workshop.records(&errand, &Void::default())
        });
        done.map_err(|error| {
            let what = "the unit cannot be told";
            let act = "this command is for the client itself: gleaner-client run";
            Trouble::new(Exit::Failed, what, &error.to_string(), act)
        })
    }
}
