//! Why a server does not run, as its operator sees it: what, why, what to do, and the exit code.

use std::fmt;
use std::io::{self, Write};

use gleaner_link::{BindError, IdentityError};
use gleaner_store::{OpenError, StoreError};
use serde::Serialize;

use crate::data::DataError;
use crate::driver::DriverError;
use crate::place::BadPlace;

/// How a process ends when it does not end well. The numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Exit {
    /// It failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Another server has the folder or the port.
    Conflict = 5,
    /// This user may not do it.
    NotAllowed = 7,
    /// The disk is full.
    Limit = 8,
    /// A key or a database is damaged.
    #[serde(rename = "checksum")]
    Damaged = 11,
    /// The database is newer than this program.
    Version = 12,
}

/// An error for the operator.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) exit: Exit,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) act: &'static str,
}

impl Trouble {
    /// Something that has no better name.
    pub(crate) fn failed(what: &str, why: impl fmt::Display) -> Self {
        let act = "see the log above; the data folder is as the last commit left it";
        Self { exit: Exit::Failed, what: what.into(), why: why.to_string(), act }
    }

    /// Writes it: three lines, or one JSON object.
    pub(crate) fn tell(&self, target: &mut dyn Write, style: Style) -> io::Result<()> {
        match style {
            Style::Text => writeln!(target, "{self}"),
            Style::Json => {
                let Self { exit, what, why, act: next } = self;
                let exit_code = *exit as u8;
                let shown =
                    Shown { schema: "gleaner/error/1", exit_code, kind: *exit, what, why, next };
                writeln!(target, "{}", serde_json::to_string(&shown)?)
            }
        }
    }
}

/// How errors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// An error as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
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

impl From<DataError> for Trouble {
    fn from(error: DataError) -> Self {
        let (exit, what, act) = match &error {
            DataError::Held(_) => (
                Exit::Conflict,
                "the server does not start",
                "stop the other server, or name another folder with --data",
            ),
            DataError::Unusable { source, .. } if is_full(source) => {
                (Exit::Limit, "the disk is full", "free some space, then start again")
            }
            DataError::Unusable { .. } => (
                Exit::NotAllowed,
                "the data folder cannot be used",
                "make it writable for this user, or name another with --data",
            ),
        };
        Self { exit, what: what.into(), why: error.to_string(), act }
    }
}

impl From<BadPlace> for Trouble {
    fn from(error: BadPlace) -> Self {
        let act = "leave the option out: all then lies in the data folder";
        let what = "the server cannot keep its data there".into();
        Self { exit: Exit::Usage, what, why: error.to_string(), act }
    }
}

impl From<IdentityError> for Trouble {
    fn from(error: IdentityError) -> Self {
        let (exit, act) = match &error {
            IdentityError::Exposed { .. } => (Exit::NotAllowed, "chmod 600 that file"),
            IdentityError::Damaged(_) => (
                Exit::Damaged,
                "restore identity.key from a backup: all invites and clients know this key",
            ),
            IdentityError::Io { source, .. } if is_full(source) => {
                (Exit::Limit, "free some space, then start again")
            }
            IdentityError::Io { .. } | IdentityError::Missing(_) => {
                (Exit::NotAllowed, "make the data folder writable for this user")
            }
        };
        Self { exit, what: "the server's key cannot be used".into(), why: error.to_string(), act }
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        let (exit, act) = match &error {
            OpenError::VersionTooNew { .. } => {
                (Exit::Version, "install the newer gleaner-server again, or restore a backup")
            }
            OpenError::Failed { source: StoreError::Full, .. } => {
                (Exit::Limit, "free some space, then start again: nothing is lost")
            }
            OpenError::Failed { source: StoreError::Damaged { .. }, .. } => {
                (Exit::Damaged, "restore the data folder from a backup")
            }
            OpenError::Failed { .. } => {
                (Exit::Failed, "check that the folder is whole and writable for this user")
            }
        };
        Self { exit, what: "the store cannot be opened".into(), why: error.to_string(), act }
    }
}

impl From<BindError> for Trouble {
    fn from(error: BindError) -> Self {
        let (exit, act) = match &error {
            BindError::Taken(_) => {
                (Exit::Conflict, "stop the other, or give --listen another port")
            }
            BindError::Denied(_) => (Exit::NotAllowed, "give --listen a port from 1024 on"),
            BindError::Elsewhere(_) => (Exit::Failed, "give --listen 0.0.0.0:PORT"),
            BindError::Io { .. } => (Exit::Failed, "check the network of this machine"),
        };
        Self { exit, what: "the server cannot listen".into(), why: error.to_string(), act }
    }
}

impl From<DriverError> for Trouble {
    fn from(error: DriverError) -> Self {
        let (exit, act) = match &error {
            DriverError::Fenced => {
                (Exit::Conflict, "let only one server use the database; the other one has it now")
            }
            DriverError::App(_) => {
                (Exit::Version, "use the gleaner-server that the job was submitted to")
            }
            DriverError::Restore(_) | DriverError::Store(StoreError::Damaged { .. }) => {
                (Exit::Damaged, "restore the data folder from a backup")
            }
            DriverError::Store(StoreError::Full) => {
                (Exit::Limit, "free some space, then start again: nothing is lost")
            }
            DriverError::Store(_) => {
                (Exit::Failed, "see the log above; what was acknowledged is on disk")
            }
        };
        Self { exit, what: "the server cannot go on".into(), why: error.to_string(), act }
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_says_what_why_and_what_to_do() {
        let trouble = Trouble::from(DataError::Held("gleaner".into()));
        assert_eq!(
            trouble.to_string(),
            "error: the server does not start\n  why: another server runs on gleaner\n   do: stop \
             the other server, or name another folder with --data"
        );
        assert_eq!(trouble.exit as u8, 5);
        let mut bytes = Vec::new();
        trouble.tell(&mut bytes, Style::Json).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(json["schema"], "gleaner/error/1");
        assert_eq!((&json["exit_code"], &json["kind"]), (&5.into(), &"conflict".into()));
    }

    #[test]
    fn a_full_disk_is_a_limit_wherever_it_shows() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let folder = "gleaner".into();
        let path = "gleaner/identity.key".into();
        for trouble in [
            Trouble::from(DataError::Unusable { folder, source: full() }),
            Trouble::from(IdentityError::Io { act: "write", path, source: full() }),
            Trouble::from(OpenError::Failed { path: "a".into(), source: StoreError::Full }),
        ] {
            assert_eq!(trouble.exit, Exit::Limit, "{trouble}");
        }
    }
}
