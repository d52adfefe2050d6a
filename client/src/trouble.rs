//! Errors as a user sees them: what, why, and what to do; and the exit code that scripts see.

use std::fmt;
use std::io::{self, Write};

use gleaner_link::{ConnectError, IdentityError, InviteError, LinkError};
use gleaner_shared::wire::refusal::Refusal;
use serde::Serialize;

use crate::output::{Style, write_json};
use crate::tame::tame;

/// How a process ends when it does not end well. The numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Exit {
    /// It failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// This machine has not joined a server.
    NotFound = 4,
    /// Another process, or another server, is in the way.
    Conflict = 5,
    /// The server cannot be reached, or the client is not running.
    Unreachable = 6,
    /// The server does not allow it; the invite is spent, expired or revoked.
    NotAllowed = 7,
    /// A limit was reached.
    Limit = 8,
    /// It took too long.
    TimedOut = 9,
    /// The server's key is not the one that the invite names, or the invite is damaged.
    Mismatch = 11,
    /// Client and server do not speak the same version.
    Version = 12,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// An error for a user.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What went wrong.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: String,
    /// What to do.
    pub(crate) act: String,
}

impl Trouble {
    /// Of these parts.
    pub(crate) fn new(exit: Exit, what: &str, why: &str, act: &str) -> Self {
        Self { exit, what: tame(what), why: tame(why), act: act.into() }
    }

    /// Writes it: three lines, or one JSON object.
    pub(crate) fn tell(&self, target: &mut dyn Write, style: Style) -> io::Result<()> {
        match style {
            Style::Text => writeln!(target, "{self}"),
            Style::Json => {
                let (exit_code, kind) = (self.exit.code(), self.exit);
                let Self { what, why, act: next, .. } = self;
                let shown = Shown { exit_code, kind, what, why, next };
                write_json(target, "gleaner/error/1", &shown)
            }
        }
    }

    /// The data folder cannot be used.
    pub(crate) fn of_folder(folder: &std::path::Path, error: &impl fmt::Display) -> Self {
        let what = format!("the data folder {} cannot be used", folder.display());
        let act = "make it writable for this user, or name another with --data";
        Self::new(Exit::Failed, &what, &error.to_string(), act)
    }

    /// Text that is no invite.
    pub(crate) fn of_invite(error: &InviteError) -> Self {
        let exit = match error {
            InviteError::Version(_) => Exit::Version,
            InviteError::Damaged | InviteError::Length(_) => Exit::Mismatch,
            _ => Exit::Usage,
        };
        let act = "copy the invite again, as one piece, or ask the operator for a new one";
        Self::new(exit, "the invite cannot be used", &error.to_string(), act)
    }

    /// This machine's key cannot be used.
    pub(crate) fn of_identity(error: &IdentityError) -> Self {
        let (exit, act) = match error {
            IdentityError::Missing(_) => {
                (Exit::NotFound, "restore it, or join again with an empty data folder")
            }
            IdentityError::Exposed { .. } => (Exit::NotAllowed, "run the command named above"),
            _ => (Exit::Failed, "mend the file, or join again with an empty data folder"),
        };
        Self::new(exit, "this machine's key cannot be used", &error.to_string(), act)
    }

    /// The talk with the server broke.
    pub(crate) fn of_link(error: &LinkError, address: &str) -> Self {
        let (exit, act) = match error {
            LinkError::Message(_) | LinkError::TooLong(_) => {
                (Exit::Version, "install the version that the server's operator names")
            }
            LinkError::Stalled => (Exit::TimedOut, "try again in a minute"),
            _ => (Exit::Unreachable, "try again in a minute; if it stays so, ask the operator"),
        };
        let what = format!("the talk with {address} broke off");
        Self::new(exit, &what, &error.to_string(), act)
    }

    /// No connection came about.
    pub(crate) fn of_connecting(error: &ConnectError) -> Self {
        let (exit, what, act) = match error {
            ConnectError::Malformed(_) => (
                Exit::Usage,
                "the server's address cannot be used",
                "ask the operator for a new invite",
            ),
            ConnectError::Unresolved { .. } | ConnectError::NoAnswer { .. } => (
                Exit::Unreachable,
                "the server cannot be reached",
                "check the network and that outgoing UDP is allowed, then try again",
            ),
            ConnectError::WrongKey { .. } => (
                Exit::Mismatch,
                "another machine answers in the server's place",
                "ask the operator whether the server has a new key, and for a new invite",
            ),
            ConnectError::Version { .. } => (
                Exit::Version,
                "client and server do not fit",
                "install the version that the server's operator names",
            ),
            ConnectError::Refused { .. } => (
                Exit::Unreachable,
                "the server takes no connection now",
                "try again in a minute; if it stays so, ask the operator",
            ),
            ConnectError::Socket(_) => (
                Exit::Failed,
                "this machine gives no UDP socket",
                "check the limits and the firewall of this machine",
            ),
        };
        Self::new(exit, what, &error.to_string(), act)
    }

    /// The server said no.
    pub(crate) fn of_refusal(refusal: Refusal, address: &str) -> Self {
        let (exit, act) = match refusal {
            Refusal::InviteSpent
            | Refusal::InviteExpired
            | Refusal::InviteRevoked
            | Refusal::InviteUnknown => (Exit::NotAllowed, "ask the operator for a new invite"),
            Refusal::NotJoined => (
                Exit::NotAllowed,
                "ask the operator for an invite, and join again with an empty data folder",
            ),
            Refusal::Banned => (Exit::NotAllowed, "ask the operator why; nothing is lost here"),
            Refusal::NotAllowed => {
                (Exit::NotAllowed, "ask the operator for an invite for a worker")
            }
            Refusal::Malformed => (Exit::Version, "update this client"),
            Refusal::Full => (Exit::Limit, "tell the operator; it works again once there is space"),
            Refusal::Closing | Refusal::Busy => (Exit::Unreachable, "try again in a minute"),
        };
        let what = format!("the server {address} said no");
        Self::new(exit, &what, &refusal.to_string(), act)
    }
}

/// An error as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    exit_code: u8,
    kind: Exit,
    what: &'a str,
    why: &'a str,
    next: &'a str,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        writeln!(f, "  why: {}", self.why)?;
        write!(f, "   do: {}", self.act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_what_why_and_what_to_do() {
        let trouble = Trouble::of_refusal(Refusal::InviteSpent, "a.example:4433");
        assert_eq!(
            trouble.to_string(),
            "error: the server a.example:4433 said no\n  \
               why: the invite is spent: all its uses are taken\n   \
                do: ask the operator for a new invite"
        );
    }

    #[test]
    fn each_refusal_has_its_exit_code() {
        for (refusal, exit) in [
            (Refusal::NotJoined, 7),
            (Refusal::Banned, 7),
            (Refusal::InviteUnknown, 7),
            (Refusal::InviteSpent, 7),
            (Refusal::InviteExpired, 7),
            (Refusal::InviteRevoked, 7),
            (Refusal::NotAllowed, 7),
            (Refusal::Malformed, 12),
            (Refusal::Closing, 6),
            (Refusal::Full, 8),
            (Refusal::Busy, 6),
        ] {
            assert_eq!(Trouble::of_refusal(refusal, "a:1").exit as i32, exit, "{refusal:?}");
        }
    }
}
