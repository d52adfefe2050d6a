//! `gleaner-server run`: puts the parts together, serves, and drains.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gleaner_link::{Close, Identity, Server};
use gleaner_store::{Options, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::command::{self, Commands};
use crate::data::Data;
use crate::dictionaries::Dictionaries;
use crate::driver::{self, Driver};
use crate::finish::{Running, Steps};
use crate::front::{Front, Partials};
use crate::registry;

/// How long a stopping server waits for what is under way.
const DRAIN_PATIENCE: Duration = Duration::from_secs(10);

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public: Option<String>,
}

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn run(wish: Wish) -> anyhow::Result<()> {
    let started = Instant::now();
    let data = Data::hold(&wish.data)?;
    let identity = Identity::load_or_create(&data.identity())?;
    let options = Options { database: data.database(), objects: data.objects() };
    let store = Store::open(options).await?;
    let server = Server::bind(&identity, wish.listen)?;
    let address = wish.public.unwrap_or_else(|| server.local_addr().to_string());
    let (handle, inputs) = driver::queue();
    let finishing = Running::default();
    let steps = Steps::new(store.clone(), handle.clone(), finishing.clone());
    let driver = Driver::new(store.clone(), steps, registry::tables_of).await?;
    let driver = tokio::spawn(driver.run(inputs));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let commands = Commands {
        store: store.clone(),
        driver: handle.clone(),
        id: identity.id(),
        address: address.as_str().into(),
        started,
        submitting: Arc::default(),
        adding: Arc::default(),
        dictionaries: Dictionaries::default(),
        finishing,
    };
    let socket = data.socket();
    command::serve_socket(&socket, commands, stop.clone(), tasks.clone())
        .await
        .with_context(|| format!("the admin socket {} cannot be made", socket.display()))?;
    let front = Front {
        store: store.clone(),
        driver: handle,
        tables_of: registry::tables_of,
        partials: Partials::default(),
        sessions: Arc::new(AtomicU64::new(1)),
        stop: stop.clone(),
        tasks: tasks.clone(),
    };
    tracing::info!(%address, id = %identity.id(), "ready");
    tokio::select! {
        () = front.serve(&server) => {}
        ended = driver => ended.context("the driver panicked")??,
        signalled = terminated() => signalled?,
    }
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(DRAIN_PATIENCE, tasks.wait()).await.is_err() {
        tracing::warn!("some peers did not end in time");
    }
    server.close(Close::Stopping, "the server stops").await;
    store.close().await;
    Ok(())
}

async fn terminated() -> anyhow::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = term.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    tracing::info!("stopping");
    Ok(())
}
