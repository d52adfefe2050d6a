//! Completions and manual pages, of the same tree as the help.

use std::path::Path;
use std::{fs, io};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;

/// What a shell needs to complete our command lines.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gleaner-server", &mut script);
    script
}

/// Writes a page for each command; how many.
pub(crate) fn man(dir: &Path) -> io::Result<u64> {
    fs::create_dir_all(dir)?;
    let mut tree = Cli::command().disable_help_subcommand(true);
    tree.build();
    let subcommands: Vec<_> = tree.get_subcommands().cloned().collect();
    let mut pages = 0;
    for command in std::iter::once(tree).chain(subcommands) {
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
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_gets_all_commands() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for word in ["run", "listen", "completions", "man"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(man(dir.path()).unwrap(), 4);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
        let page = fs::read_to_string(dir.path().join("gleaner-server-run.1")).unwrap();
        assert!(page.contains("listen"), "{page}");
    }
}
