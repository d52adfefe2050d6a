//! `status`: what the running client does; without one, what waits on the disk.

use clap::Args;

use super::runtime;
use crate::answer::{self, AskError};
use crate::disk::folder::Folder;
use crate::output::Style;
use crate::status::{Report, SCHEMA};
use crate::trouble::{Exit, Trouble};

/// Show what the client does, and what it waits for
#[derive(Args, Debug)]
#[command(after_help = "\
If no client runs, it says so, shows what waits in the folder, and ends with 6.

Examples:
  gleaner-client status
  gleaner-client status --json")]
pub(crate) struct Status {}

impl Status {
    pub(crate) fn run(self, folder: &Folder, style: Style) -> Result<(), Trouble> {
        let membership = super::membership(folder)?;
        let place = folder.root().display();
        match runtime()?.block_on(answer::ask(folder)) {
            Ok(report) => style.show(SCHEMA, &report, || report.to_string()),
            Err(AskError::NobodyThere) => {
                let report = Report::of_folder(folder, &membership);
                let report = report.map_err(|error| Trouble::of_folder(folder.root(), &error))?;
                style.show(SCHEMA, &report, || report.to_string())?;
                let what = format!("no client runs on {place}");
                let why = "nobody answers there; the above is what its disk holds";
                Err(Trouble::new(Exit::Unreachable, &what, why, "gleaner-client run"))
            }
            Err(error @ AskError::Silent) => {
                let what = format!("the client on {place} does not answer");
                let act = "look at its log; if it hangs, end it and start it again";
                Err(Trouble::new(Exit::TimedOut, &what, &error.to_string(), act))
            }
            Err(error @ (AskError::Io(_) | AskError::Answer(_))) => {
                let what = format!("the client on {place} cannot be asked");
                let act = "ask as the user who runs it, with the program of its version";
                Err(Trouble::new(Exit::Failed, &what, &error.to_string(), act))
            }
        }
    }
}
