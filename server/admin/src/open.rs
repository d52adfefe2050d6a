//! How a command reaches its server: the socket in its data folder, or a login from elsewhere.
//!
//! What is not here: which command asks what. Nothing is remembered between two commands but logins.

use std::cell::OnceCell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gleaner_link::{Close, Connection, Dialer, Identity, unix_framed};
use gleaner_shared::wire::stream::Open;
use tokio::net::UnixStream;

use crate::fault::{Exit, Fault, Told};
use crate::link_fault::{connect_fault, link_fault};
use crate::logins::{Login, Logins};
use crate::talk::Talk;

/// The data folder if none is named, as for `gleaner-server`.
pub(crate) const DATA_DEFAULT: &str = "gleaner";
/// The socket inside a data folder.
const SOCKET: &str = "admin.sock";

/// What the command line says about the server.
#[derive(Debug)]
pub(crate) struct Reach {
    /// `--data`.
    pub(crate) data: Option<PathBuf>,
    /// `--server`.
    pub(crate) server: Option<String>,
    /// Where logins are.
    pub(crate) logins: Logins,
    /// Made once, for all connections of this process.
    dialer: OnceCell<Dialer>,
}

/// Where the server is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Socket(PathBuf),
    Login(String),
}

impl Reach {
    /// As the command line says.
    pub(crate) fn new(data: Option<PathBuf>, server: Option<String>, logins: Logins) -> Self {
        Self { data, server, logins, dialer: OnceCell::new() }
    }

    /// A new stream to the server, as an admin.
    pub(crate) async fn open(&self) -> Result<Talk, Fault> {
        let mut talk = match self.place(Path::new(DATA_DEFAULT))? {
            Place::Socket(path) => Talk::Unix(Box::new(unix_framed(socket(&path).await?))),
            Place::Login(name) => {
                let login = self.logins.find(&name)?.ok_or_else(|| self.unknown(&name))?;
                let connection = self.connect(&self.logins.identity(&name)?, &login).await?;
                stream(&connection).await?
            }
        };
        talk.send(&Open::Admin).await?;
        Ok(talk)
    }

    /// A connection to a server elsewhere.
    pub(crate) async fn connect(
        &self,
        identity: &Identity,
        login: &Login,
    ) -> Result<Connection, Fault> {
        let dialer = match self.dialer.get() {
            Some(dialer) => dialer,
            None => {
                let made = Dialer::new(identity).map_err(|error| connect_fault(&error.into()))?;
                self.dialer.get_or_init(|| made)
            }
        };
        let connected = dialer.connect(login.server, &login.address).await;
        connected.map_err(|error| connect_fault(&error))
    }

    /// Lets servers know that this process has no more to say.
    pub(crate) async fn close(&self) {
        if let Some(dialer) = self.dialer.get() {
            dialer.close(Close::Done, "").await;
        }
    }

    /// `default` is the data folder to look in if none is named.
    fn place(&self, default: &Path) -> Result<Place, Fault> {
        match (&self.data, &self.server) {
            (Some(_), Some(_)) => Err(Told {
                exit: Exit::Usage,
                what: "--data and --server name two servers".into(),
                why: "--data is for the server's own machine, --server for any other".into(),
                next: "give one of them".into(),
            }
            .into()),
            (Some(data), None) => Ok(Place::Socket(data.join(SOCKET))),
            (None, Some(name)) => Ok(Place::Login(name.clone())),
            (None, None) => self.place_unnamed(default),
        }
    }

    fn place_unnamed(&self, default: &Path) -> Result<Place, Fault> {
        if let Some(data) = std::env::var_os("GLEANER_DATA").filter(|data| !data.is_empty()) {
            return Ok(Place::Socket(Path::new(&data).join(SOCKET)));
        }
        let socket = default.join(SOCKET);
        if socket.exists() {
            return Ok(Place::Socket(socket));
        }
        let mut names = self.logins.names();
        if names.len() > 1 {
            return Err(Told {
                exit: Exit::Usage,
                what: "it is not clear which server is meant".into(),
                why: format!("this machine has logged in to {}", names.join(", ")),
                next: format!("add --server {}", names[0]),
            }
            .into());
        }
        names.pop().map(Place::Login).ok_or_else(|| {
            Told {
                exit: Exit::Unreachable,
                what: "no server is known here".into(),
                why: format!("there is no {} and this machine has no login", socket.display()),
                next: "on the server's machine: add --data DIR; elsewhere: \
                       gleaner-admin login INVITE"
                    .into(),
            }
            .into()
        })
    }

    fn unknown(&self, name: &str) -> Fault {
        let names = self.logins.names();
        let why = match names.is_empty() {
            true => "this machine has no login".into(),
            false => format!("this machine has logged in to {}", names.join(", ")),
        };
        let what = format!("server {name} is not known here");
        let next = format!("gleaner-admin login INVITE --name {name}");
        Told { exit: Exit::NotFound, what, why, next }.into()
    }
}

/// A new stream of a connection.
pub(crate) async fn stream(connection: &Connection) -> Result<Talk, Fault> {
    let stream = connection.open().await.map_err(|error| link_fault(&error))?;
    Ok(Talk::Quic(Box::new(stream)))
}

async fn socket(path: &Path) -> Result<UnixStream, Fault> {
    UnixStream::connect(path).await.map_err(|error| {
        let data = path.parent().unwrap_or(path).display();
        let (exit, why, next) = match error.kind() {
            ErrorKind::NotFound => (
                Exit::Unreachable,
                "there is no socket: the server has not been started, or has another folder".into(),
                format!("gleaner-server run --data {data}"),
            ),
            ErrorKind::ConnectionRefused => (
                Exit::Unreachable,
                "the socket is left over: the server has stopped".into(),
                format!("gleaner-server run --data {data}"),
            ),
            ErrorKind::PermissionDenied => (
                Exit::NotAllowed,
                "only the server's own user may use the socket".into(),
                "run the command as that user, or log in: gleaner-admin login INVITE".into(),
            ),
            _ => (
                Exit::Unreachable,
                error.to_string(),
                "give the server's data folder with --data DIR".into(),
            ),
        };
        let what = format!("no server answers at {}", path.display());
        Told { exit, what, why, next }.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(home: &Path, data: Option<&str>, server: Option<&str>) -> Reach {
        Reach::new(data.map(PathBuf::from), server.map(str::to_owned), Logins::new(Some(home)))
    }

    fn log_in(home: &Path, name: &str) {
        let logins = Logins::new(Some(home));
        logins.identity_or_new(name).unwrap();
        let server = gleaner_shared::id::HostId([1; 32]);
        logins.keep(name, &Login { address: "localhost:1".into(), server }).unwrap();
    }

    #[test]
    fn what_is_named_wins() {
        let home = tempfile::tempdir().unwrap();
        let none = Path::new("nowhere");
        let place = |data, server| reach(home.path(), data, server).place(none);
        assert_eq!(place(Some("d"), None).unwrap(), Place::Socket("d/admin.sock".into()));
        assert_eq!(place(None, Some("lab")).unwrap(), Place::Login("lab".into()));
        assert_eq!(place(Some("d"), Some("lab")).unwrap_err().exit(), Exit::Usage);
    }

    #[test]
    fn a_socket_then_the_only_login_are_found() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let place = || reach(home.path(), None, None).place_unnamed(&data);
        assert_eq!(place().unwrap_err().exit(), Exit::Unreachable);
        log_in(home.path(), "lab");
        assert_eq!(place().unwrap(), Place::Login("lab".into()));
        log_in(home.path(), "other");
        assert_eq!(place().unwrap_err().exit(), Exit::Usage);
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join(SOCKET), "").unwrap();
        assert_eq!(place().unwrap(), Place::Socket(data.join(SOCKET)));
    }

    #[tokio::test]
    async fn nobody_there_is_told_as_such() {
        let home = tempfile::tempdir().unwrap();
        let absent = home.path().join(SOCKET);
        assert_eq!(socket(&absent).await.unwrap_err().exit(), Exit::Unreachable);
        drop(std::os::unix::net::UnixListener::bind(&absent).unwrap());
        assert_eq!(socket(&absent).await.unwrap_err().exit(), Exit::Unreachable);
        let unknown = reach(home.path(), None, Some("lab")).open().await;
        assert_eq!(unknown.unwrap_err().exit(), Exit::NotFound);
    }
}
