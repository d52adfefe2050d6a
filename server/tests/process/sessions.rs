//! Sessions: one for each machine, and told when the server stops.

use std::time::Duration;

use gleaner_link::{Close, Connection, Dialer, Ended, Identity, LinkError, QuicStream};
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::{Open, Role};
use gleaner_shared::wire::work::{Hello, ToHost};
use rustix::process::Signal;
use tokio::time::timeout;

use crate::peer::{joined, socket_reply};
use crate::place::{PATIENCE, Place};

/// A session that the server has welcomed.
async fn welcomed(connection: &Connection) -> QuicStream {
    let mut stream = connection.open().await.expect("a stream");
    let hello =
        Hello { version: "0.1.0".into(), name: "test".into(), threads: 1, leases: Vec::new() };
    stream.send(&Open::Session(hello)).await.expect("the server listens");
    assert!(matches!(heard(&mut stream).await, Ok(ToHost::Welcome { .. })));
    stream
}

async fn heard(stream: &mut QuicStream) -> Result<ToHost, LinkError> {
    timeout(PATIENCE, stream.receive()).await.expect("the server says something")
}

#[tokio::test]
async fn a_stopping_server_tells_everybody_and_ends_in_time() {
    let place = Place::new();
    let server = place.server("127.0.0.1:0", &[]);
    let (_dialer, host) = joined(&place, Role::Own).await;
    let mut session = welcomed(&host).await;
    // Admins who say nothing hold nothing up.
    let (_dialer, admin) = joined(&place, Role::Admin).await;
    let mut silent = admin.open().await.expect("a stream");
    silent.send(&Open::Admin).await.expect("the server listens");
    server.signal(Signal::TERM);
    assert!(matches!(heard(&mut session).await, Ok(ToHost::Drain)));
    for connection in [&host, &admin] {
        let ended = timeout(PATIENCE, connection.closed()).await.expect("it ends");
        assert!(matches!(ended, Ended::ByPeer { close: Close::Stopping, .. }), "{ended:?}");
    }
    let (code, took) = tokio::task::spawn_blocking(|| server.ended()).await.expect("it ends");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_new_session_of_a_machine_ends_the_old_one() {
    let place = Place::new();
    let server = place.server("127.0.0.1:0", &[]);
    let (_dialer, first) = joined(&place, Role::Own).await;
    let mut old = welcomed(&first).await;
    let identity = Identity::load(&place.path("Own")).expect("the key");
    let dialer = Dialer::new(&identity).expect("a socket");
    let id = server.ready["id"].as_str().expect("an id").parse().expect("an id");
    let second = dialer.connect(id, &server.address()).await.expect("the server");
    let _new = welcomed(&second).await;
    assert!(heard(&mut old).await.is_err(), "the old session is over");
    assert!(matches!(first.closed().await, Ended::ByPeer { close: Close::Done, .. }));
    let Reply::Server(status) = socket_reply(&place, &Request::Server).await else {
        panic!("no status");
    };
    assert_eq!(status.hosts_connected, 1);
    assert_eq!(second.ended(), None);
}
