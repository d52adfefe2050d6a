//! The link between two machines: identities, invites, QUIC connections and framed streams.
//!
//! No message is known here, only frames; no role and no ban either: a connection says whose key is
//! at its other end, and the caller decides what that key may do, on every connection. Only this
//! room names quinn, rustls and aws-lc-rs. docs/protocol/link.md is its page.

mod connect_error;
mod connection;
mod dialer;
mod ended;
mod framed;
mod gate;
mod identity;
mod invite;
mod key_file;
mod link_error;
mod random;
mod reader;
mod server;
#[cfg(feature = "sim")]
pub mod sim;
mod tls;
mod transport;
mod verify;
mod writer;

pub use connect_error::ConnectError;
pub use connection::{Connection, QuicReader, QuicStream, QuicWriter};
pub use dialer::{Dialer, connect};
pub use ended::{Close, Ended};
pub use framed::{Framed, UnixFramed, UnixReader, UnixWriter, unix_framed};
pub use identity::Identity;
pub use invite::{Invite, InviteError};
pub use key_file::IdentityError;
pub use link_error::LinkError;
pub use random::{Token, random_bytes};
pub use reader::Reader;
pub use server::{BindError, HandshakeError, Incoming, Server};
pub use writer::Writer;

/// The protocol that both sides must speak, with its version, as TLS ALPN (RFC 7301).
pub const ALPN: &str = "gleaner/1";
