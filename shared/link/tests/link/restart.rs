//! A server that dies without a word and starts again: its clients notice it at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::rig::{PATIENCE, here, soon};
use gleaner_link::{Connection, Dialer, Ended, Identity, Server};
use gleaner_shared::limits::KEEP_ALIVE;
use tokio::runtime::Runtime;

/// A server in a runtime of its own, so that it can be stopped between two packets.
struct Mortal {
    runtime: Runtime,
    address: SocketAddr,
}

impl Mortal {
    fn start(identity: &Identity, listen: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let entered = runtime.enter();
        let server = Server::bind(identity, listen).unwrap();
        let address = server.local_addr();
        runtime.spawn(async move {
            while let Some(incoming) = server.accept().await {
                tokio::spawn(async { echo(incoming.establish().await.unwrap()).await });
            }
        });
        drop(entered);
        Self { runtime, address }
    }

    /// Like `kill -9`: no task runs again, so nothing is said to anyone.
    fn die(self) -> SocketAddr {
        self.runtime.shutdown_timeout(Duration::from_secs(5));
        self.address
    }
}

/// Answers each stream's first message with itself.
async fn echo(connection: Connection) {
    while let Ok(mut stream) = connection.accept().await {
        let word: String = stream.receive().await.unwrap();
        stream.send(&word).await.unwrap();
    }
}

async fn ask(connection: &Connection) {
    let mut stream = connection.open().await.unwrap();
    stream.send(&"are you there?").await.unwrap();
    if let Ok(answer) = soon(stream.receive::<String>()).await {
        assert_eq!(answer, "are you there?");
    }
}

async fn connect(dialer: &Dialer, identity: &Identity, to: &Mortal) -> Connection {
    dialer.connect_within(identity.id(), &to.address.to_string(), PATIENCE).await.unwrap()
}

/// Restarts a server under a client; returns how the client's connection ended, and after how long.
async fn restart_under(speak: impl AsyncFnOnce(&Connection)) -> (Ended, Duration) {
    let identity = Identity::generate();
    let mortal = Mortal::start(&identity, here());
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let connection = connect(&dialer, &identity, &mortal).await;
    ask(&connection).await;
    let address = tokio::task::spawn_blocking(|| mortal.die()).await.unwrap();
    assert_eq!(connection.ended(), None, "it died without a word");
    let risen = Mortal::start(&identity, address);
    let started = Instant::now();
    speak(&connection).await;
    let ended = soon(connection.closed()).await;
    let took = started.elapsed();
    connect(&dialer, &identity, &risen).await;
    tokio::task::spawn_blocking(|| risen.die()).await.unwrap();
    (ended, took)
}

#[tokio::test]
async fn a_client_that_speaks_notices_a_restart_at_once() {
    let (ended, took) = restart_under(ask).await;
    assert_eq!(ended, Ended::Restarted);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn an_idle_client_notices_a_restart_with_its_next_sign_of_life() {
    let (ended, took) = restart_under(async |_| {}).await;
    assert_eq!(ended, Ended::Restarted);
    // The rest is for a busy machine, where a first sign may get lost in the restart.
    assert!(took < Duration::from_millis(2 * KEEP_ALIVE.0 + 2_000), "{took:?}");
}
