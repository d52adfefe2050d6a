//! The question before something is destroyed.
//!
//! Asked on a terminal only; a script must say `--yes`, and finds out with `--dry-run` what would be.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::fault::{Exit, Fault, Told};

/// What the command line says about being sure.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Consent {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only say what would be done
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Do it.
    Go,
    /// Only say what would be done.
    Describe,
}

impl Consent {
    /// Makes sure that it is meant. `act` is what would be done, as `remove corpus notes`, escaped.
    pub(crate) fn decide(self, act: &str) -> Result<Decision, Fault> {
        if self.dry_run {
            return Ok(Decision::Describe);
        }
        if self.yes {
            return Ok(Decision::Go);
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Told {
                exit: Exit::Usage,
                what: format!("not sure whether to {act}"),
                why: "this cannot be undone, and there is no terminal to ask on".into(),
                next: "add --yes, or --dry-run to see what would be done".into(),
            }
            .into());
        }
        let mut answer = String::new();
        let asked = write!(io::stderr().lock(), "Really {act}? [y/N] ")
            .and_then(|()| io::stdin().lock().read_line(&mut answer));
        match asked {
            Ok(_) if is_yes(&answer) => Ok(Decision::Go),
            _ => Err(Told {
                exit: Exit::Failed,
                what: format!("did not {act}"),
                why: "the answer was not y".into(),
                next: "nothing was changed".into(),
            }
            .into()),
        }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for (answer, yes) in [
            ("y\n", true),
            (" yes \n", true),
            ("", false),
            ("\n", false),
            ("no", false),
            ("yy", false),
        ] {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }

    #[test]
    fn a_dry_run_is_never_asked() {
        let decided = Consent { yes: false, dry_run: true }.decide("remove corpus a");
        assert_eq!(decided.unwrap(), Decision::Describe);
        let decided = Consent { yes: true, dry_run: false }.decide("remove corpus a");
        assert_eq!(decided.unwrap(), Decision::Go);
    }
}
