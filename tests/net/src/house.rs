//! The server of a world: front, driver, engine and store, which die and start again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gleaner_link::sim::Chance;
use gleaner_link::{Identity, Server};
use gleaner_server::sim::Serving;
use gleaner_store::Store;

use crate::books::Books;
use crate::keeper::ask;
use crate::network::Net;
use crate::stage::options;
use crate::witness::{Mutant, Witness};

/// The server, which may be down.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) identity: Identity,
    pub(crate) folder: PathBuf,
    pub(crate) mutant: Mutant,
    pub(crate) chance: Chance,
    pub(crate) up: Option<Up>,
}

/// A server that is up.
#[derive(Debug)]
pub(crate) struct Up {
    pub(crate) serving: Serving,
    pub(crate) store: Store,
    alive: Arc<AtomicBool>,
}

impl House {
    /// Starts it, if it is down.
    pub(crate) async fn start(&mut self, net: &Net, books: &Books) -> Result<(), String> {
        if self.up.is_some() {
            return Ok(());
        }
        let options = options(&self.folder);
        let opened = ask(async move { Store::open(options).await });
        let store = opened.map_err(|error| error.to_string())?;
        let server = Server::over(&self.identity, net.server_socket());
        let server = server.map_err(|error| error.to_string())?;
        let alive = Arc::new(AtomicBool::new(true));
        let witness = Witness {
            store: store.clone(),
            books: books.clone(),
            alive: alive.clone(),
            chance: Arc::new(Mutex::new(self.chance.branch())),
            mutant: self.mutant,
            askers: Arc::new(Mutex::new(HashMap::new())),
        };
        let begun = Serving::begin(witness, store.clone(), (self.identity.id(), server)).await;
        self.up = Some(Up { serving: begun?, store, alive });
        Ok(())
    }

    /// It dies without a word. What is left of it reaches neither network nor store any more.
    pub(crate) fn die(&mut self, net: &Net) {
        if let Some(up) = self.up.take() {
            net.server_unplug();
            up.alive.store(false, Ordering::Release);
            up.serving.kill();
            ask(async move { up.store.close().await });
        }
    }

    /// It stops in order.
    pub(crate) async fn stop(&mut self, net: &Net) {
        if let Some(up) = self.up.take() {
            up.serving.drain().await;
            net.server_unplug();
            up.alive.store(false, Ordering::Release);
            ask(async move { up.store.close().await });
        }
    }
}
