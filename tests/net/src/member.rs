//! A host of a world: its key, its folder, and the client on it, which lives, dies and comes back.

use std::fs;
use std::io;
use std::num::NonZero;
use std::path::PathBuf;

use gleaner_client::sim::{Guest, join};
use gleaner_link::sim::Chance;
use gleaner_link::{Dialer, Identity, Invite};

use crate::books::{Books, Eye};
use crate::network::Net;

/// Times that a host tries to join: a third of all datagrams may be lost.
const JOINS: usize = 20;

/// A host.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) index: usize,
    pub(crate) identity: Identity,
    pub(crate) folder: PathBuf,
    pub(crate) threads: usize,
    pub(crate) pace_ms: (u64, u64),
    pub(crate) guest: Option<Guest>,
}

impl Member {
    /// Joins, as a person does who tries again.
    pub(crate) async fn join(&self, net: &Net, invite: &Invite) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..JOINS {
            let dialer = self.dialer(net).map_err(|error| error.to_string())?;
            match join(&self.folder, &dialer, invite, &format!("host-{}", self.index)).await {
                Ok(()) => return Ok(()),
                Err(why) => last = why,
            }
        }
        Err(format!("host {} cannot join: {last}", self.index))
    }

    /// Starts its client, if it does not run.
    pub(crate) fn start(&mut self, net: &Net, books: &Books, chance: Chance) -> io::Result<()> {
        if self.guest.is_some() {
            return Ok(());
        }
        let dialer = self.dialer(net)?;
        let books = books.clone();
        let eye = Eye { index: self.index, books, chance, pace_ms: self.pace_ms };
        let threads = NonZero::new(self.threads).unwrap_or(NonZero::<usize>::MIN);
        self.guest = Some(Guest::begin(&self.folder, dialer, threads, eye)?);
        Ok(())
    }

    /// Its client ends as on SIGTERM.
    pub(crate) async fn stop(&mut self) {
        if let Some(guest) = self.guest.take() {
            guest.stop().await;
        }
    }

    /// Its client dies, and says nothing more.
    pub(crate) async fn kill(&mut self, net: &Net, books: &Books) {
        if let Some(guest) = self.guest.take() {
            net.host_unplug(self.index);
            guest.kill().await;
            books.open().hosts[self.index].gone();
        }
    }

    /// Its disk loses what it has of its work, but not who it is.
    pub(crate) fn forget(&self, books: &Books) -> io::Result<()> {
        for part in ["payloads", "grants", "spool"] {
            fs::remove_dir_all(self.folder.join(part))?;
        }
        for part in ["payloads", "grants", "spool", "spool/damaged"] {
            fs::create_dir_all(self.folder.join(part))?;
        }
        books.open().hosts[self.index].spooled.clear();
        Ok(())
    }

    fn dialer(&self, net: &Net) -> io::Result<Dialer> {
        Dialer::over(&self.identity, net.host_socket(self.index))
    }
}
