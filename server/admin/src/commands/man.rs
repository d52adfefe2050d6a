//! `man`: the manual pages, one for each command, of the same tree as the help.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use serde::Serialize;

use crate::admin::Admin;
use crate::cli::Cli;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::show;

/// Write the manual pages.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder to write to, made if there is none
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Written {
    pages: u64,
}

impl Man {
    pub(crate) fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let pages = write(&self.dir).map_err(|error| {
            Fault::from(Told {
                exit: Exit::Failed,
                what: format!("manual pages cannot be written to {}", self.dir.display()),
                why: error.to_string(),
                next: "give a folder that you may write to".into(),
            })
        })?;
        admin.output.show("gleaner/man/1", &Written { pages }, || {
            let dir = self.dir.display().to_string();
            format!("{} in {}", show::counted(pages, "page"), escaped(&dir))
        })?;
        Ok(Exit::Done)
    }
}

/// Writes all pages; how many.
fn write(dir: &Path) -> io::Result<u64> {
    fs::create_dir_all(dir)?;
    let mut tree = Cli::command().disable_help_subcommand(true);
    tree.build();
    let mut open = vec![tree];
    let mut pages = 0;
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().cloned());
        let page = clap_mangen::Man::new(command);
        let mut text = Vec::new();
        page.render(&mut text)?;
        fs::write(dir.join(page.get_filename()), text)?;
        pages += 1;
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let dir = tempfile::tempdir().unwrap();
        let pages = write(dir.path()).unwrap();
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count() as u64,
            pages,
            "no page hides another"
        );
        let page = fs::read_to_string(dir.path().join("gleaner-admin-job-wait.1")).unwrap();
        assert!(page.contains("job wait") && page.contains("timeout"), "{page}");
    }
}
