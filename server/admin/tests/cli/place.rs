//! A data folder with a socket, and runs of the program beside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gleaner_link::{UnixFramed, unix_framed};
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::job::{JobStatus, Phase};
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::Open;
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

/// A folder that vanishes, with room for data, homes and files.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().expect("a temporary folder can be made") };
        std::fs::create_dir(place.path("data")).expect("a folder can be made in it");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let folder = path.parent().expect("it is in the folder");
        std::fs::create_dir_all(folder).expect("folders can be made");
        std::fs::write(&path, bytes).expect("files can be written");
        path
    }

    /// A server begins to listen.
    pub(crate) fn listen(&self) -> UnixListener {
        UnixListener::bind(self.path("data/admin.sock")).expect("the socket is free")
    }

    /// The server is gone, its socket too.
    pub(crate) fn hang_up(&self, listener: UnixListener) {
        drop(listener);
        std::fs::remove_file(self.path("data/admin.sock")).expect("it was there");
    }

    /// The program, without `--data`.
    pub(crate) fn bare(&self, words: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner-admin"));
        command.args(words).current_dir(self.dir.path()).env_clear();
        command.env("HOME", self.path("home")).stdin(Stdio::null());
        command
    }

    /// The program, run to its end beside the test.
    pub(crate) fn run(&self, words: &[impl AsRef<OsStr>]) -> JoinHandle<Ran> {
        let mut command = self.bare(words);
        command.arg("--data").arg(self.path("data"));
        tokio::task::spawn_blocking(move || ran(command))
    }
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn ran(mut command: Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    Ran {
        code: status.code().expect("no signal ended it"),
        out: String::from_utf8(stdout).expect("it writes UTF-8"),
        err: String::from_utf8(stderr).expect("it writes UTF-8"),
    }
}

/// The next stream of the program.
pub(crate) async fn accept(listener: &UnixListener) -> UnixFramed {
    let (socket, _) = listener.accept().await.expect("the program connects");
    let mut stream = unix_framed(socket);
    assert_eq!(stream.receive::<Open>().await.expect("it opens"), Open::Admin);
    stream
}

/// The next stream, its first request checked.
pub(crate) async fn asked(listener: &UnixListener, wanted: Request) -> UnixFramed {
    let mut stream = accept(listener).await;
    assert_eq!(stream.receive::<Request>().await.expect("it asks"), wanted);
    stream
}

pub(crate) async fn reply(stream: &mut UnixFramed, reply: Reply) {
    stream.send(&reply).await.expect("the program listens");
}

/// A job of 25 units.
pub(crate) fn job(phase: Phase, merged: u64, failed: u64) -> JobStatus {
    let ended = matches!(phase, Phase::Done | Phase::Cancelled);
    JobStatus {
        name: "demo".into(),
        digest: "ab".repeat(32),
        app: "word-count@1".into(),
        corpus: "notes".into(),
        phase,
        policy: Policy::default(),
        units: 25,
        merged,
        failed,
        leased: 0,
        checking: 0,
        waiting: 25 - merged - failed,
        submitted_at_unix_seconds: 1_000,
        done_at_unix_seconds: ended.then_some(1_014),
    }
}

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}
