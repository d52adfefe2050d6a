//! `completions`: what a shell needs to complete our command lines.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::admin::Admin;
use crate::cli::Cli;
use crate::fault::{Exit, Fault};

/// Print completions for a shell.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin completions bash > ~/.gleaner-admin.bash")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "gleaner-admin", &mut script);
        admin.output.raw(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_gets_all_commands() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "gleaner-admin", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["corpus", "verify", "related", "export"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }
}
