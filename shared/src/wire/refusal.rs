//! Why the server says no to a peer. A number and fixed words; never the server's inner text.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The host never joined, or not this server.
    NotJoined,
    /// The operator banned the host.
    Banned,
    /// No such invite.
    InviteUnknown,
    /// All uses of the invite are spent.
    InviteSpent,
    /// The invite's time is over.
    InviteExpired,
    /// The operator took the invite back.
    InviteRevoked,
    /// The host's role does not allow this.
    NotAllowed,
    /// The message breaks the protocol.
    Malformed,
    /// The server is about to stop; try again soon.
    Closing,
    /// The server cannot write (disk full); try again later.
    Full,
    /// Too many connections or requests; try again later.
    Busy,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJoined => "this machine has not joined the server",
            Self::Banned => "the operator has banned this machine",
            Self::InviteUnknown => "the server does not know this invite",
            Self::InviteSpent => "the invite is spent: all its uses are taken",
            Self::InviteExpired => "the invite has expired",
            Self::InviteRevoked => "the invite was revoked",
            Self::NotAllowed => "this machine's role does not allow that",
            Self::Malformed => "the server did not understand the message",
            Self::Closing => "the server is stopping",
            Self::Full => "the server's disk is full",
            Self::Busy => "the server is busy",
        })
    }
}
