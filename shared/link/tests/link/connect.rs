//! Two that keep the rules: they meet, know each other, talk, and part with a reason.

use crate::rig::{Pair, dial, here, server, soon};
use gleaner_link::{Close, ConnectError, Dialer, Ended, Identity, LinkError};
use gleaner_shared::limits::STREAMS_MAX;
use gleaner_shared::measure::Millis;

#[tokio::test]
async fn both_sides_know_whom_they_talk_to() {
    let pair = Pair::new().await;
    assert_eq!(pair.ours.peer(), pair.client_id.id());
    assert_eq!(pair.theirs.peer(), pair.server_id.id());
    assert_eq!(pair.theirs.remote(), pair.server.local_addr());
    assert!(pair.ours.remote().ip().is_loopback());
}

#[tokio::test]
async fn messages_and_raw_bytes_go_both_ways() {
    let pair = Pair::new().await;
    let mut asking = pair.theirs.open().await.unwrap();
    asking.send(&"ask").await.unwrap();
    asking.finish().await.unwrap();
    let mut answering = soon(pair.ours.accept()).await.unwrap();
    assert_eq!(answering.receive::<String>().await.unwrap(), "ask");
    assert_eq!(answering.receive_or_end::<String>().await.unwrap(), None);
    let payload = vec![7; 3_000_000];
    let (mut reader, _writer) = asking.split();
    let mut got = vec![0; payload.len()];
    let (sent, received) =
        tokio::join!(answering.send_bytes(&payload), reader.receive_bytes(&mut got));
    sent.unwrap();
    received.unwrap();
    assert_eq!(got, payload);
}

#[tokio::test]
async fn a_last_word_arrives_before_the_end() {
    let pair = Pair::new().await;
    let mut asking = pair.theirs.open().await.unwrap();
    asking.send(&"may I?").await.unwrap();
    let answering = soon(pair.ours.accept()).await.unwrap();
    let (_reader, mut writer) = answering.split();
    writer.send(&"no").await.unwrap();
    writer.finish().await.unwrap();
    let (arrived, word) = tokio::join!(soon(writer.arrived()), asking.receive::<String>());
    arrived.unwrap();
    assert_eq!(word.unwrap(), "no");
    pair.ours.close(Close::Refused, "you may not");
    let expected = Ended::ByPeer { close: Close::Refused, reason: "you may not".into() };
    assert_eq!(soon(pair.theirs.closed()).await, expected);
    assert_eq!(pair.ours.ended(), Some(Ended::ByUs));
    let error = asking.receive::<String>().await.unwrap_err();
    assert!(matches!(error, LinkError::End | LinkError::Lost(_)), "{error}");
}

#[tokio::test]
async fn a_waiting_receive_is_told_how_the_connection_ended() {
    let pair = Pair::new().await;
    let mut stream = pair.theirs.open().await.unwrap();
    stream.send(&1u32).await.unwrap();
    pair.ours.close(Close::Stopping, "restart");
    let LinkError::Lost(ended) = soon(stream.receive::<u32>()).await.unwrap_err() else {
        unreachable!("the connection is lost")
    };
    assert_eq!(ended, Ended::ByPeer { close: Close::Stopping, reason: "restart".into() });
    assert_eq!(ended.to_string(), "the other side closed the connection: restart");
    let error = soon(pair.theirs.open()).await.unwrap_err();
    assert!(matches!(error, LinkError::Lost(_)), "{error}");
}

#[tokio::test]
async fn a_server_that_stops_tells_everyone() {
    let pair = Pair::new().await;
    soon(pair.server.close(Close::Stopping, "update")).await;
    let expected = Ended::ByPeer { close: Close::Stopping, reason: "update".into() };
    assert_eq!(soon(pair.theirs.closed()).await, expected);
    assert!(soon(pair.server.accept()).await.is_none());
}

#[tokio::test]
async fn a_dropped_stream_is_seen_as_given_up() {
    let pair = Pair::new().await;
    let mut asking = pair.theirs.open().await.unwrap();
    asking.send(&"ask").await.unwrap();
    let answering = soon(pair.ours.accept()).await.unwrap();
    let (reader, _writer) = answering.split();
    drop(reader);
    let refused = async {
        loop {
            if let Err(error) = asking.send_bytes(&[0; 1_000]).await {
                return error;
            }
            tokio::task::yield_now().await;
        }
    };
    let error = soon(refused).await;
    assert!(matches!(error, LinkError::GivenUp), "{error}");
}

#[tokio::test]
async fn only_so_many_streams_are_open_at_once() {
    let pair = Pair::new().await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS_MAX {
        streams.push(soon(pair.theirs.open()).await.unwrap());
    }
    tokio::select! {
        biased;
        _ = pair.theirs.open() => unreachable!("one stream too many"),
        () = std::future::ready(()) => {}
    }
    // quinn tells of free streams once more than an eighth of them is free.
    for mut stream in streams.drain(..2) {
        stream.send(&1u32).await.unwrap();
        stream.finish().await.unwrap();
        let mut other = soon(pair.ours.accept()).await.unwrap();
        assert_eq!(other.receive::<u32>().await.unwrap(), 1);
        other.finish().await.unwrap();
        assert_eq!(stream.receive_or_end::<u32>().await.unwrap(), None);
    }
    soon(pair.theirs.open()).await.unwrap();
}

#[tokio::test]
async fn one_dialer_serves_many_connections_from_one_socket() {
    let (server, server_id, _) = server();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let mut kept = Vec::new();
    for _ in 0..3 {
        let dialed = dial(&server, &dialer, &server_id).await;
        kept.push((dialed.ours.unwrap(), dialed.theirs.unwrap()));
    }
    assert!(kept.iter().all(|(ours, _)| ours.remote() == kept[0].0.remote()));
}

#[tokio::test]
async fn names_and_ipv6_are_addresses_too() {
    let identity = Identity::generate();
    let any = "[::]:0".parse().unwrap();
    let Ok(server) = gleaner_link::Server::bind(&identity, any) else {
        eprintln!("SKIPPED names_and_ipv6_are_addresses_too: this machine has no IPv6");
        return;
    };
    let port = server.local_addr().port();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let address = format!("{host}:{port}");
        let dialing = dialer.connect_within(identity.id(), &address, crate::rig::PATIENCE);
        let (ours, theirs) = tokio::join!(crate::rig::accept(&server), dialing);
        assert!(ours.unwrap().remote().ip().is_loopback());
        theirs.unwrap();
    }
}

#[tokio::test]
async fn silence_is_told_within_the_patience() {
    // A socket that never answers, so that the port is surely nobody else's.
    let silent = std::net::UdpSocket::bind(here()).unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let server = Identity::generate().id();
    let error = dialer.connect_within(server, &address, Millis(300)).await.unwrap_err();
    assert!(matches!(error, ConnectError::NoAnswer { .. }), "{error}");
    let message = error.to_string();
    assert!(message.starts_with(&format!("nothing answers at {address} (waited 300 ms)")));
}

#[tokio::test]
async fn what_is_no_address_is_not_asked_for() {
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let server = Identity::generate().id();
    for address in ["", "localhost", "localhost:", ":4433", "localhost:0", "localhost:99999"] {
        let error = dialer.connect(server, address).await.unwrap_err();
        assert!(matches!(error, ConnectError::Malformed(_)), "{address}: {error}");
    }
    let error = dialer.connect(server, "no-such-host.invalid:1").await.unwrap_err();
    assert!(matches!(error, ConnectError::Unresolved { .. }), "{error}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (server, identity, _) = server();
    let error = gleaner_link::Server::bind(&identity, server.local_addr()).unwrap_err();
    assert!(error.to_string().contains("is taken"), "{error}");
}
