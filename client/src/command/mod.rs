//! The commands, one file each.

use clap::Subcommand;

use crate::disk::folder::Folder;
use crate::disk::membership::{Membership, MembershipError};
use crate::output::Style;
use crate::trouble::{Exit, Trouble};

mod completions;
mod crew;
pub(crate) mod join;
mod man;
mod run;
mod status;

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Join(join::Join),
    Run(run::Run),
    Status(status::Status),
    Completions(completions::Completions),
    Man(man::Man),
    Crew(crew::Crew),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self, folder: &Folder, style: Style) -> Result<(), Trouble> {
        match self {
            Self::Join(join) => join.run(folder, style),
            Self::Run(run) => run.run(folder, style),
            Self::Status(status) => status.run(folder, style),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(style),
            Self::Crew(crew) => crew.run(folder),
        }
    }
}

/// The server that the folder's machine works for.
fn membership(folder: &Folder) -> Result<Membership, Trouble> {
    Membership::load(folder).map_err(|error| {
        let place = folder.root().display();
        match error {
            MembershipError::Missing => Trouble::new(
                Exit::NotFound,
                &format!("{place} belongs to no server"),
                &error.to_string(),
                "gleaner-client join INVITE; the server's operator has one, or name the folder \
                 with --data",
            ),
            MembershipError::Damaged(_) => Trouble::new(
                Exit::Mismatch,
                &format!("the data folder {place} cannot be used"),
                &error.to_string(),
                "move server.json away and join again; nothing else in the folder is lost",
            ),
            MembershipError::Io(error) => Trouble::of_folder(folder.root(), &error),
        }
    })
}

/// A runtime with one thread: what takes computing time has threads of its own.
fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| {
        let act = "raise the limit of open files (ulimit -n)";
        Trouble::new(Exit::Failed, "the client cannot start", &error.to_string(), act)
    })
}
