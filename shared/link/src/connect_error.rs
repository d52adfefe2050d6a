//! Why a client could not connect, in words that tell its user what to do.

use gleaner_shared::id::HostId;
use gleaner_shared::measure::Millis;

use crate::ALPN;
use crate::ended::Ended;
use crate::server::BindError;

/// Why there is no connection. If several addresses of one name failed in several ways, it is the
/// way that tells most.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is no `host:port`.
    #[error(
        "{0:?} is not a server address; write HOST:PORT, and an IPv6 address as [ADDRESS]:PORT"
    )]
    Malformed(String),
    /// The name has no address, or the name service does not answer.
    #[error(
        "the address of {address} cannot be found ({why}); check its spelling and this machine's \
         network"
    )]
    Unresolved {
        /// `host:port`.
        address: String,
        /// The system's words.
        why: String,
    },
    /// Nothing answered.
    #[error(
        "nothing answers at {address} (waited {} ms); is the server running, and does a firewall let \
         UDP through to that port?", patience.0
    )]
    NoAnswer {
        /// `host:port`.
        address: String,
        /// How long was waited, over all addresses of the name.
        patience: Millis,
    },
    /// A server with another key answered.
    #[error(
        "the server at {address} has the key {found:.8}, not {wanted:.8} as the invite says; \
         nothing was sent to it. If the operator set the server up anew, ask for a new invite; if \
         not, someone else answers at that address"
    )]
    WrongKey {
        /// `host:port`.
        address: String,
        /// The pinned key.
        wanted: HostId,
        /// The key that was shown.
        found: HostId,
    },
    /// The server speaks another version.
    #[error(
        "the server at {address} does not speak {ALPN}; it is of another version, or another \
         program: install the version that the server's operator names"
    )]
    Version {
        /// `host:port`.
        address: String,
    },
    /// The server has no room, or ended the connection at once.
    #[error("the server at {address} took no connection: {why}")]
    Refused {
        /// `host:port`.
        address: String,
        /// How it said no.
        why: Ended,
    },
    /// This machine has no usable UDP socket.
    #[error(transparent)]
    Socket(#[from] BindError),
}

impl ConnectError {
    /// How much it tells: a wrong key at one address matters more than silence at another.
    pub(crate) fn weight(&self) -> u8 {
        match self {
            Self::WrongKey { .. } => 4,
            Self::Version { .. } => 3,
            Self::Refused { .. } => 2,
            Self::NoAnswer { .. } => 1,
            Self::Malformed(_) | Self::Unresolved { .. } | Self::Socket(_) => 0,
        }
    }
}
