//! `man`: the manual pages, one for each command, of the same tree as the help.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Args, CommandFactory};
use serde::Serialize;

use crate::cli::Cli;
use crate::output::Style;
use crate::tame::tame;
use crate::trouble::{Exit, Trouble};

/// Write the manual pages
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-client man ~/.local/share/man/man1")]
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
    pub(crate) fn run(self, style: Style) -> Result<(), Trouble> {
        let dir = tame(&self.dir.display().to_string());
        let pages = write(&self.dir).map_err(|error| {
            let what = format!("manual pages cannot be written to {dir}");
            let act = "give a folder that you may write to";
            Trouble::new(Exit::Failed, &what, &error.to_string(), act)
        })?;
        style.show("gleaner/man/1", &Written { pages }, || format!("{pages} pages in {dir}"))
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
        open.extend(command.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned());
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
        assert_eq!(write(dir.path()).unwrap(), 6);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 6);
        let page = fs::read_to_string(dir.path().join("gleaner-client-run.1")).unwrap();
        assert!(page.contains("exit\\-when\\-idle"), "{page}");
    }
}
