//! `completions`: what a shell needs to complete our command lines.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::output;
use crate::trouble::Trouble;

/// Print completions for a shell
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-client completions bash > ~/.gleaner-client.bash")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        output::raw(&script(self.shell))
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gleaner-client", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_gets_all_commands() {
        for shell in Shell::value_variants() {
            for word in ["join", "run", "status", "exit-when-idle"] {
                assert!(script(*shell).contains(word), "{shell} lacks {word}");
            }
        }
    }
}
