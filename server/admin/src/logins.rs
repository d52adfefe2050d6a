//! The servers that this machine has logged in to, one folder each: its own key, and the server's
//! address and pinned key.
//!
//! A folder without `server.json` is no login yet; the key stays for the next try.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use gleaner_link::Identity;
use gleaner_shared::id::HostId;
use gleaner_shared::limits::{LOGIN_FILE_BYTES_MAX, NAME_BYTES_MAX};
use serde::{Deserialize, Serialize};

use crate::fault::{Exit, Fault, Told};
use crate::link_fault::identity_fault;

/// The folder of all logins.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    folder: PathBuf,
}

/// What is kept of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    /// `host:port`.
    pub(crate) address: String,
    /// Its key's digest.
    pub(crate) server: HostId,
}

/// `server.json`.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    address: String,
    server: String,
}

const SCHEMA: &str = "gleaner/login/1";

impl Logins {
    /// In `home`, or in the user's configuration folder (XDG Base Directory Specification).
    pub(crate) fn new(home: Option<&Path>) -> Self {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let home = home.map(Path::to_owned).unwrap_or_else(|| {
            let config = absolute("XDG_CONFIG_HOME")
                .or_else(|| absolute("HOME").map(|home| home.join(".config")))
                .unwrap_or_else(|| PathBuf::from("."));
            config.join("gleaner")
        });
        Self { folder: home.join("servers") }
    }

    /// The names of all logins, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| is_name(name) && self.folder.join(name).join("server.json").is_file())
            .collect();
        names.sort();
        names
    }

    /// The login of that name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Login>, Fault> {
        let path = self.place(name)?.join("server.json");
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| file_fault(&path, &error))?,
        };
        let mut bytes = Vec::new();
        file.take(LOGIN_FILE_BYTES_MAX as u64)
            .read_to_end(&mut bytes)
            .map_err(|error| file_fault(&path, &error))?;
        let kept: Kept = serde_json::from_slice(&bytes)
            .map_err(|error| file_fault(&path, &io::Error::other(error)))?;
        let server =
            kept.server.parse().map_err(|error| file_fault(&path, &io::Error::other(error)))?;
        Ok(Some(Login { address: kept.address, server }))
    }

    /// This machine's key for the server of that name.
    pub(crate) fn identity(&self, name: &str) -> Result<Identity, Fault> {
        let path = self.place(name)?.join("identity.key");
        Identity::load(&path).map_err(|error| identity_fault(&error))
    }

    /// The same; made if there is none.
    pub(crate) fn identity_or_new(&self, name: &str) -> Result<Identity, Fault> {
        let place = self.place(name)?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&place).map_err(|error| file_fault(&place, &error))?;
        let path = place.join("identity.key");
        Identity::load_or_create(&path).map_err(|error| identity_fault(&error))
    }

    /// Keeps a login, whole or not at all.
    pub(crate) fn keep(&self, name: &str, login: &Login) -> Result<(), Fault> {
        let place = self.place(name)?;
        let path = place.join("server.json");
        let kept = Kept {
            schema: SCHEMA.into(),
            address: login.address.clone(),
            server: login.server.to_string(),
        };
        let draft = place.join("server.json.part");
        let write = || -> io::Result<()> {
            let mut file = File::create(&draft)?;
            serde_json::to_writer(&mut file, &kept)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(&place)?.sync_all()
        };
        write().map_err(|error| file_fault(&path, &error))
    }

    fn place(&self, name: &str) -> Result<PathBuf, Fault> {
        if is_name(name) {
            return Ok(self.folder.join(name));
        }
        Err(Told {
            exit: Exit::Usage,
            what: format!("{name:?} cannot name a server"),
            why: format!("a name has 1 to {NAME_BYTES_MAX} letters, digits, `-`, `_` and `.`"),
            next: "give another name".into(),
        }
        .into())
    }
}

/// A name that is one harmless folder name everywhere.
fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && !name.starts_with(['.', '-'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn file_fault(path: &Path, error: &io::Error) -> Fault {
    Told {
        exit: Exit::Failed,
        what: format!("login file {} cannot be used", path.display()),
        why: error.to_string(),
        next: "mend it, or log in again: gleaner-admin login INVITE".into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_comes_back_and_a_half_one_is_none() {
        let home = tempfile::tempdir().unwrap();
        let logins = Logins::new(Some(home.path()));
        assert!(logins.names().is_empty());
        let id = logins.identity_or_new("lab").unwrap().id();
        assert!(logins.names().is_empty(), "a key alone is no login");
        assert_eq!(logins.find("lab").unwrap(), None);
        let login = Login { address: "lab.example:4433".into(), server: HostId([7; 32]) };
        logins.keep("lab", &login).unwrap();
        assert_eq!(logins.names(), ["lab"]);
        assert_eq!(logins.find("lab").unwrap(), Some(login));
        assert_eq!(logins.identity("lab").unwrap().id(), id);
    }

    #[test]
    fn no_name_leaves_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let logins = Logins::new(Some(home.path()));
        for name in ["", ".", "..", "../x", "a/b", "-a", "a b", "ü", &"x".repeat(65)] {
            assert!(logins.find(name).is_err(), "{name}");
            assert!(logins.identity_or_new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_damaged_login_is_told_and_not_used() {
        let home = tempfile::tempdir().unwrap();
        let logins = Logins::new(Some(home.path()));
        logins.identity_or_new("lab").unwrap();
        let path = home.path().join("servers/lab/server.json");
        for text in ["", "{}", "{\"schema\":\"x\",\"address\":\"a:1\",\"server\":\"xyz\"}"] {
            fs::write(&path, text).unwrap();
            assert_eq!(logins.find("lab").unwrap_err().exit(), Exit::Failed);
        }
    }
}
