//! What can go wrong on the way to the server, as failures with exit codes.

use gleaner_link::{Close, ConnectError, Ended, IdentityError, InviteError, LinkError};
use gleaner_shared::wire::refusal::Refusal;

use crate::fault::{Exit, Fault, Told};

/// A stream that broke.
pub(crate) fn link_fault(error: &LinkError) -> Fault {
    match error {
        LinkError::Lost(ended) => ended_fault(ended),
        LinkError::Message(_) | LinkError::TooLong(_) => Told {
            exit: Exit::Version,
            what: "the server's message cannot be understood".into(),
            why: error.to_string(),
            next: "install the gleaner-admin that came with the server".into(),
        }
        .into(),
        LinkError::Stalled => Told {
            exit: Exit::TimedOut,
            what: "the connection to the server stalled".into(),
            why: error.to_string(),
            next: "repeat the command; what was sent before is not lost".into(),
        }
        .into(),
        _ => Told {
            exit: Exit::Unreachable,
            what: "the connection to the server ended in the middle".into(),
            why: error.to_string(),
            next: "see that the server runs (gleaner-admin status), then repeat the command".into(),
        }
        .into(),
    }
}

fn ended_fault(ended: &Ended) -> Fault {
    let exit = match ended {
        Ended::ByPeer { close: Close::Refused, .. } => Exit::NotAllowed,
        Ended::ByPeer { close: Close::Malformed, .. } | Ended::Version => Exit::Version,
        _ => Exit::Unreachable,
    };
    let next = match exit {
        Exit::NotAllowed => {
            "on the server's machine: gleaner-admin invite create --admin, then here: \
             gleaner-admin login INVITE"
        }
        Exit::Version => "install the gleaner-admin that came with the server",
        _ => "see that the server runs, then repeat the command",
    };
    let what = "the server ended the connection".into();
    Told { exit, what, why: ended.to_string(), next: next.into() }.into()
}

/// No connection.
pub(crate) fn connect_fault(error: &ConnectError) -> Fault {
    let (exit, next) = match error {
        ConnectError::WrongKey { .. } => {
            (Exit::Checksum, "ask the operator; if the server is new: gleaner-admin login INVITE")
        }
        ConnectError::Version { .. } => {
            (Exit::Version, "install the gleaner-admin that came with the server")
        }
        ConnectError::Refused { why: Ended::ByPeer { close: Close::Refused, .. }, .. } => {
            (Exit::NotAllowed, "ask the operator for an invite made with --admin")
        }
        ConnectError::Malformed(_) => (Exit::Usage, "copy the invite again, as one piece"),
        _ => (Exit::Unreachable, "see that the server runs and that UDP reaches its port"),
    };
    let what = "the server cannot be reached".into();
    Told { exit, what, why: error.to_string(), next: next.into() }.into()
}

/// The server said no to a join.
pub(crate) fn refusal_fault(refusal: Refusal) -> Fault {
    let (exit, next) = match refusal {
        Refusal::Closing | Refusal::Busy => (Exit::Unreachable, "try again in a minute"),
        Refusal::Full => (Exit::Limit, "free space on the server's disk, then try again"),
        Refusal::Malformed => (Exit::Version, "install the gleaner-admin of the server's version"),
        _ => (Exit::NotAllowed, "on the server's machine: gleaner-admin invite create --admin"),
    };
    let what = "the server does not let this machine in".into();
    Told { exit, what, why: refusal.to_string(), next: next.into() }.into()
}

/// This machine's key cannot be used.
pub(crate) fn identity_fault(error: &IdentityError) -> Fault {
    let (exit, next) = match error {
        IdentityError::Missing(_) => (Exit::NotFound, "gleaner-admin login INVITE"),
        IdentityError::Exposed { .. } => (Exit::NotAllowed, "run the command named above"),
        _ => (Exit::Failed, "mend the file, or log in under another name (login --name)"),
    };
    let what = "this machine's key cannot be used".into();
    Told { exit, what, why: error.to_string(), next: next.into() }.into()
}

/// Text that is no invite.
pub(crate) fn invite_fault(error: &InviteError) -> Fault {
    let exit = match error {
        InviteError::Version(_) => Exit::Version,
        InviteError::Damaged | InviteError::Length(_) => Exit::Checksum,
        _ => Exit::Usage,
    };
    let next = "copy it again from gleaner-admin invite create --admin, in quotes".into();
    Told { exit, what: "the invite cannot be used".into(), why: error.to_string(), next }.into()
}
