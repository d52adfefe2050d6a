//! How `status` asks the running client: a socket in the data folder, on which it writes its report
//! as one line of JSON to whoever is the same user, and closes. Nothing is read from the asker.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use gleaner_shared::limits::{FRAME_BYTES_MAX, STATUS_ASKERS_MAX, STATUS_PATIENCE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::disk::durable;
use crate::disk::folder::Folder;
use crate::host::event::Event;
use crate::status::Report;
use crate::talk::span;

/// Bytes of a socket's path that every system takes (Linux takes 107, macOS 103).
const PATH_BYTES_MAX: usize = 100;

/// The socket of a running client, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Makes the socket. Only who holds the folder's lock may call it: a socket that is there is of
    /// a process that died.
    pub(crate) fn open(folder: &Folder) -> io::Result<Self> {
        let path = folder.socket();
        durable::remove(&path)?;
        let (_folder, short) = short_path(folder)?;
        Ok(Self { listener: UnixListener::bind(short)?, path })
    }

    /// Answers until it is dropped.
    pub(crate) async fn answer(self, events: Sender<Event>) {
        let mut askers = JoinSet::new();
        loop {
            let Ok((stream, _)) = self.listener.accept().await else { return };
            while askers.len() >= STATUS_ASKERS_MAX {
                askers.join_next().await;
            }
            while askers.try_join_next().is_some() {}
            let events = events.clone();
            askers.spawn(async move {
                // An asker who reads nothing gets nothing.
                let _slow = timeout(span(STATUS_PATIENCE), tell(stream, events)).await;
            });
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // Left behind, it would only be replaced by the next process.
        let _left = durable::remove(&self.path);
    }
}

async fn tell(mut stream: UnixStream, events: Sender<Event>) -> io::Result<()> {
    let asker = stream.peer_cred()?.uid();
    let own = rustix::process::geteuid();
    if asker != own.as_raw() && asker != 0 {
        tracing::warn!("user {asker} asked for the status and was not answered");
        return Ok(());
    }
    let (answer, report) = oneshot::channel();
    if events.send(Event::Asked(answer)).await.is_err() {
        return Ok(());
    }
    let Ok(report) = report.await else { return Ok(()) };
    let mut line = serde_json::to_vec(&report)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// No client runs.
    #[error("no client runs")]
    NobodyThere,
    /// It has the socket but says nothing.
    #[error("it said nothing for {} s", STATUS_PATIENCE.0 / 1_000)]
    Silent,
    /// The system's.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What it says is no report.
    #[error("its answer cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
}

/// Asks the client that runs on a folder.
pub(crate) async fn ask(folder: &Folder) -> Result<Report, AskError> {
    timeout(span(STATUS_PATIENCE), hear(folder)).await.map_err(|_| AskError::Silent)?
}

async fn hear(folder: &Folder) -> Result<Report, AskError> {
    let (_folder, path) = short_path(folder)?;
    let stream = match UnixStream::connect(path).await {
        Err(error)
            if [ErrorKind::NotFound, ErrorKind::ConnectionRefused].contains(&error.kind()) =>
        {
            return Err(AskError::NobodyThere);
        }
        stream => stream?,
    };
    let mut line = Vec::new();
    stream.take(FRAME_BYTES_MAX as u64).read_to_end(&mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}

/// The socket's path; if it is too long for one, by way of the open folder, which is given too.
fn short_path(folder: &Folder) -> io::Result<(File, PathBuf)> {
    let path = folder.socket();
    let open = File::open(folder.root())?;
    if path.as_os_str().len() <= PATH_BYTES_MAX {
        return Ok((open, path));
    }
    let name = path.file_name().unwrap_or_default();
    let short = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())).join(name);
    Ok((open, short))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// Opens a door in a folder so deep, answers one asker, and gives what he heard.
    async fn heard(deep: usize) -> Result<Report, AskError> {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(&root.path().join("x".repeat(deep)));
        folder.make().unwrap();
        let (events, mut queue) = mpsc::channel(1);
        let door = tokio::spawn(Door::open(&folder).unwrap().answer(events));
        let host = async {
            let Some(Event::Asked(answer)) = queue.recv().await else { panic!("not asked") };
            answer.send(Report { name: "otter".into(), ..Report::default() }).unwrap();
        };
        let ((), heard) = tokio::join!(host, ask(&folder));
        door.abort();
        assert!(door.await.unwrap_err().is_cancelled());
        assert!(!folder.socket().exists(), "a door that is closed leaves no socket");
        heard
    }

    #[tokio::test]
    async fn the_running_client_answers_with_its_report() {
        assert_eq!(heard(1).await.unwrap().name, "otter");
    }

    #[tokio::test]
    async fn a_long_path_is_no_hindrance() {
        assert_eq!(heard(200).await.unwrap().name, "otter");
    }

    #[tokio::test]
    async fn a_socket_of_the_dead_is_nobody() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        assert!(matches!(ask(&folder).await, Err(AskError::NobodyThere)));
        drop(UnixListener::bind(folder.socket()).unwrap());
        assert!(folder.socket().exists());
        assert!(matches!(ask(&folder).await, Err(AskError::NobodyThere)));
        assert!(Door::open(&folder).is_ok(), "and is replaced");
    }

    #[tokio::test]
    async fn one_who_says_nothing_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        let _mute = UnixListener::bind(folder.socket()).unwrap();
        tokio::time::pause();
        assert!(matches!(ask(&folder).await, Err(AskError::Silent)));
    }
}
