//! How a crew ended without being asked to, and what that says of the unit that it had alone.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use gleaner_shared::verdict::FailureClass;

use super::app::Failure;
use super::memory;
use super::words::NO_MEMORY;

/// Signals that others send: somebody who stops things, or a system without memory.
const FROM_OUTSIDE: [rustix::process::Signal; 4] = {
    use rustix::process::Signal;
    [Signal::HUP, Signal::INT, Signal::KILL, Signal::TERM]
};

/// The end of a process.
#[derive(Clone, Debug)]
pub(crate) struct Death {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Whether the unit's documents had been begun.
    pub(crate) had_begun: bool,
    /// Its last line on standard error.
    pub(crate) last_words: String,
    /// Bytes that it might have.
    pub(crate) memory: u64,
}

impl Death {
    /// Whether somebody else may have ended it.
    pub(crate) fn may_be_from_outside(&self) -> bool {
        let signal = self.status.signal();
        FROM_OUTSIDE.iter().any(|other| signal == Some(other.as_raw()))
    }

    /// What is reported of a unit that had the process for itself.
    pub(crate) fn failure(&self) -> Failure {
        Failure { class: FailureClass::Crashed, message: self.to_string() }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.last_words.starts_with(NO_MEMORY) {
            let memory = memory::shown(self.memory);
            write!(f, "memory ran out, of which a process that computes has {memory}")?;
        } else {
            write!(f, "it ends the process that computes it")?;
        }
        write!(f, " ({})", self.status)?;
        match self.last_words.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.last_words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn death(status: i32, last_words: &str) -> Death {
        let status = ExitStatus::from_raw(status);
        Death { status, had_begun: true, last_words: last_words.into(), memory: 512 << 20 }
    }

    #[test]
    fn a_death_says_what_is_known_of_it() {
        let memory = death(6, "memory allocation of 1048576 bytes failed").to_string();
        assert!(
            memory.starts_with("memory ran out, of which a process that computes has 512.0 MiB")
        );
        assert!(memory.ends_with("memory allocation of 1048576 bytes failed"), "{memory}");
        let silent = death(11, "").to_string();
        assert!(silent.starts_with("it ends the process that computes it (signal: 11"), "{silent}");
    }

    #[test]
    fn only_what_others_do_is_from_outside() {
        for (status, outside) in
            [(9, true), (15, true), (1, true), (2, true), (6, false), (11, false), (3 << 8, false)]
        {
            assert_eq!(death(status, "").may_be_from_outside(), outside, "{status}");
        }
    }
}
