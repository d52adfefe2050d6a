//! A relay before a server's admin socket that counts what an admin sends: a measurement that does
//! not ask the programs that are measured.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Result;

/// See the file's head. Its threads end with the process.
#[derive(Debug)]
pub(crate) struct Relay {
    folder: PathBuf,
    sent: Arc<AtomicU64>,
}

impl Relay {
    /// Stands in `folder` for the server whose data folder is `data`.
    pub(crate) fn new(folder: &Path, data: &Path) -> Result<Self> {
        fs::create_dir(folder)?;
        let listener = UnixListener::bind(folder.join("admin.sock"))?;
        let (sent, socket) = (Arc::new(AtomicU64::new(0)), data.join("admin.sock"));
        let counter = Arc::clone(&sent);
        thread::spawn(move || {
            for admin in listener.incoming().flatten() {
                if let Ok(server) = UnixStream::connect(&socket) {
                    // A pair that breaks is one of the faults that are tried.
                    let _broken = join(admin, server, &counter);
                }
            }
        });
        Ok(Self { folder: folder.to_owned(), sent })
    }

    /// The data folder that an admin is told.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes that admins have sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn join(admin: UnixStream, server: UnixStream, sent: &Arc<AtomicU64>) -> Result<()> {
    let (up, down) = ((admin.try_clone()?, server.try_clone()?), (server, admin));
    let counter = Arc::clone(sent);
    thread::spawn(move || pass(up, &counter));
    thread::spawn(move || pass(down, &AtomicU64::new(0)));
    Ok(())
}

fn pass((mut source, mut target): (UnixStream, UnixStream), counter: &AtomicU64) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count) = source.read(&mut bytes) {
        if count == 0 || target.write_all(&bytes[..count]).is_err() {
            break;
        }
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
    // Either end may have gone: then the other one has to learn of it.
    let _gone = target.shutdown(Shutdown::Both);
    let _gone = source.shutdown(Shutdown::Both);
}
