//! `server.json`: which server this machine works for, and as what. Written by `join`, read by all.

use std::io;

use gleaner_shared::id::HostId;
use gleaner_shared::wire::stream::Role;
use serde::{Deserialize, Serialize};

use super::durable;
use super::folder::Folder;

const FILE: &str = "server.json";

/// What joining gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    /// The server's key, in hexadecimal digits. It is pinned: another key is another server.
    server: String,
    /// `host:port`.
    pub(crate) address: String,
    /// The account's number there.
    pub(crate) account: u64,
    /// The account's name.
    pub(crate) account_name: String,
    /// `own`, `volunteer` or `admin`.
    pub(crate) role: String,
    /// What this machine calls itself.
    pub(crate) name: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MembershipError {
    /// There is none.
    #[error("this machine has not joined a server")]
    Missing,
    /// It is not what `join` writes.
    #[error("{FILE} is damaged: {0}")]
    Damaged(String),
    /// The system's.
    #[error("{FILE} cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Membership {
    /// Of the server with that key.
    pub(crate) fn new(server: HostId, address: &str, name: &str) -> Self {
        Self {
            server: server.to_string(),
            address: address.into(),
            account: 0,
            account_name: String::new(),
            role: String::new(),
            name: name.into(),
        }
    }

    /// The server's key.
    pub(crate) fn server(&self) -> Result<HostId, MembershipError> {
        self.server.parse().map_err(|error| MembershipError::Damaged(format!("{error}")))
    }

    /// The one in a folder.
    pub(crate) fn load(folder: &Folder) -> Result<Self, MembershipError> {
        let bytes = match std::fs::read(folder.root().join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(MembershipError::Missing);
            }
            bytes => bytes?,
        };
        let membership: Self = serde_json::from_slice(&bytes)
            .map_err(|error| MembershipError::Damaged(error.to_string()))?;
        membership.server()?;
        Ok(membership)
    }

    /// Writes it, in place of an older one.
    pub(crate) fn save(&self, folder: &Folder) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        text.push(b'\n');
        durable::put(folder.root(), FILE, &[&text])
    }
}

/// The word for a role.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Own => "own",
        Role::Volunteer => "volunteer",
        Role::Admin => "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_loaded() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        assert!(matches!(Membership::load(&folder), Err(MembershipError::Missing)));
        let membership = Membership::new(HostId([7; 32]), "queue.example.org:4433", "otter");
        membership.save(&folder).unwrap();
        let loaded = Membership::load(&folder).unwrap();
        assert_eq!(loaded, membership);
        assert_eq!(loaded.server().unwrap(), HostId([7; 32]));
    }

    #[test]
    fn a_damaged_file_is_named_and_no_panic() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        Membership::new(HostId([7; 32]), "a:1", "otter").save(&folder).unwrap();
        let whole = std::fs::read(root.path().join(FILE)).unwrap();
        for len in 0..whole.len() - 2 {
            std::fs::write(root.path().join(FILE), &whole[..len]).unwrap();
            let error = Membership::load(&folder).unwrap_err();
            assert!(error.to_string().contains(FILE), "{error}");
        }
    }
}
