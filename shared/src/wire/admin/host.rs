//! Hosts, for people.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::wire::stream::Role;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRow {
    /// Its id, hexadecimal.
    pub id: String,
    /// What it calls itself; a stranger's word, escape it before showing.
    pub name: String,
    /// Its account's name.
    pub account: String,
    /// What it may do.
    pub role: Role,
    /// Whether it is banned.
    pub banned: bool,
    /// Whether it is connected now.
    pub connected: bool,
    /// Leases it holds now.
    pub leases: u32,
    /// Units merged with its result.
    pub merged: u64,
    /// When it joined, in seconds since 1970 UTC.
    pub joined_at_unix_seconds: i64,
    /// When it was last connected, in seconds since 1970 UTC.
    pub seen_at_unix_seconds: i64,
}
