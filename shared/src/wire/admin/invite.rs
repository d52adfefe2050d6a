//! Invites: how machines and people come in.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::wire::stream::Role;

/// What is asked of a new invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteWish {
    /// What its machines may do.
    pub role: Role,
    /// Volunteers of this invite share this account; without it each gets one of its own.
    pub account: Option<String>,
    /// How many machines, at least 1.
    pub uses: u32,
    /// For how long.
    pub expires_seconds: u64,
}

/// A new invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteMade {
    /// Its number, for `invite revoke`.
    pub id: u32,
    /// The one string to paste; holds a secret.
    pub invite: String,
    /// Until when, in seconds since 1970 UTC.
    pub expires_at_unix_seconds: i64,
}

/// An invite in a list; without its secret, of which only a digest is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    /// Its number.
    pub id: u32,
    /// What its machines may do.
    pub role: Role,
    /// The account they share, if they do.
    pub account: Option<String>,
    /// How many machines.
    pub uses: u32,
    /// How many have joined.
    pub used: u32,
    /// Until when, in seconds since 1970 UTC.
    pub expires_at_unix_seconds: i64,
    /// Whether it was taken back.
    pub revoked: bool,
}
