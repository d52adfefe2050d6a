//! The first frame of each stream, and joining.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::work::{FetchItem, Hello, ResultHead};
use crate::id::AccountId;

/// What a stream is for.
///
/// | open | then |
/// |---|---|
/// | `Join` | one [`JoinReply`] |
/// | `Session` | [`super::work::ToHost`] and [`super::work::FromHost`], until the connection ends |
/// | `Fetch` | for each item an [`super::work::ItemHead`] and, if found, its bytes from the offset on |
/// | `Deliver` | a [`super::work::DeliverReply`] with offsets, the hosts' bytes, a `DeliverReply` with receipts |
/// | `Admin` | [`super::admin::Request`]s, each with its [`super::admin::Reply`]s |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Open {
    /// Become a host (or an admin) of this server.
    Join(Join),
    /// Work: one a connection.
    Session(Hello),
    /// Bytes of payloads and artefacts; at most [`crate::limits::TRANSFER_ITEMS_MAX`].
    Fetch(Vec<FetchItem>),
    /// Results; at most [`crate::limits::TRANSFER_ITEMS_MAX`].
    Deliver(Vec<ResultHead>),
    /// Commands of an admin.
    Admin,
}

/// A peer with an invite.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The invite's secret.
    pub token: [u8; 16],
    /// What the machine calls itself, at most [`crate::limits::NAME_BYTES_MAX`] bytes.
    pub name: String,
}

impl core::fmt::Debug for Join {
    /// Without the secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Join").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a machine may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Work, as one of the operator's own hosts.
    Own,
    /// Work, as a stranger.
    Volunteer,
    /// Command the server.
    Admin,
}

/// The answer to [`Join`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinReply {
    /// Welcome; joining again with the same key gives the same answer and spends nothing.
    Joined {
        /// Whose machine it is now.
        account: AccountId,
        /// That account's name.
        account_name: String,
        /// What it may do.
        role: Role,
        /// The server's version.
        version: String,
    },
    /// No.
    Refused(Refusal),
}
