//! Peers that break the rules: other keys, other kinds of keys, no keys, other protocols.

use std::sync::Arc;

use crate::rig::{PATIENCE, accept, dial, rogue_client, rogue_server, server, soon, tls_key};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use gleaner_link::{ALPN, ConnectError, Dialer, Ended, HandshakeError, Identity};
use quinn::Endpoint;
use rustls::sign::CertifiedKey;

fn p256_key() -> Arc<CertifiedKey> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    tls_key(pair.to_pkcs8v1().unwrap().as_ref())
}

fn ed25519_key() -> Arc<CertifiedKey> {
    tls_key(Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap().as_ref())
}

#[tokio::test]
async fn a_server_with_another_key_learns_nothing() {
    let (server, server_id, address) = server();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let wanted = Identity::generate();
    let dialed = dial(&server, &dialer, &wanted).await;
    let Err(ConnectError::WrongKey { wanted: asked, found, address: at }) = dialed.theirs else {
        unreachable!("the key is another one")
    };
    assert_eq!((asked, found, at), (wanted.id(), server_id.id(), address));
    // The server never got a key: its handshake was broken off before.
    assert!(matches!(dialed.ours, Err(HandshakeError::Failed(_))));
}

#[tokio::test]
async fn the_message_about_another_key_says_what_to_do() {
    let (server, _, _) = server();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let message = dial(&server, &dialer, &Identity::generate()).await.theirs.unwrap_err();
    let message = message.to_string();
    assert!(message.contains("nothing was sent to it"), "{message}");
    assert!(message.contains("ask for a new invite"), "{message}");
}

/// What a client is told that dials a server of another program or version.
async fn dial_rogue(server: Endpoint, wanted: gleaner_shared::id::HostId) -> ConnectError {
    let address = server.local_addr().unwrap().to_string();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let accepting = async {
        let refused = server.accept().await.unwrap().await;
        assert!(refused.is_err());
    };
    let (error, ()) =
        soon(async { tokio::join!(dialer.connect_within(wanted, &address, PATIENCE), accepting) })
            .await;
    error.unwrap_err()
}

#[tokio::test]
async fn a_server_of_another_version_is_told_apart() {
    let key = ed25519_key();
    let wanted = gleaner_shared::digest::host_id(&key.cert[0]);
    let error = dial_rogue(rogue_server(key, b"gleaner/99"), wanted).await;
    assert!(matches!(error, ConnectError::Version { .. }), "{error}");
    assert!(error.to_string().contains(ALPN), "{error}");
}

#[tokio::test]
async fn a_server_with_another_kind_of_key_is_refused() {
    let key = p256_key();
    let wanted = gleaner_shared::digest::host_id(&key.cert[0]);
    let error = dial_rogue(rogue_server(key, ALPN.as_bytes()), wanted).await;
    let is_refusal = matches!(error, ConnectError::Refused { why: Ended::Broken(_), .. });
    assert!(is_refusal, "{error}");
}

/// How the handshake with a rogue client ends for the server and for the client.
async fn shake(rogue: Endpoint) -> (HandshakeError, Ended) {
    let (server, _, _) = server();
    let dialing = async {
        match rogue.connect(server.local_addr(), "any").unwrap().await {
            // In TLS 1.3 a client is done before the server has seen its key.
            Ok(connection) => connection.closed().await.into(),
            Err(error) => error.into(),
        }
    };
    let (ours, theirs) = soon(async { tokio::join!(accept(&server), dialing) }).await;
    (ours.unwrap_err(), theirs)
}

#[tokio::test]
async fn a_client_without_a_key_of_the_right_kind_is_refused() {
    for key in [None, Some(p256_key())] {
        let (ours, theirs) = shake(rogue_client(key, ALPN.as_bytes())).await;
        assert!(matches!(ours, HandshakeError::Failed(Ended::Broken(_))), "{ours}");
        assert!(matches!(theirs, Ended::Broken(_)), "{theirs}");
    }
}

#[tokio::test]
async fn a_client_of_another_version_is_refused() {
    let (ours, theirs) = shake(rogue_client(Some(ed25519_key()), b"gleaner/99")).await;
    assert!(matches!(ours, HandshakeError::Failed(Ended::Version)), "{ours}");
    assert_eq!(theirs, Ended::Version);
}

#[tokio::test]
async fn a_client_may_open_no_streams_of_one_direction_and_send_no_datagrams() {
    let (server, _, _) = server();
    let rogue = rogue_client(Some(ed25519_key()), ALPN.as_bytes());
    let dialing = rogue.connect(server.local_addr(), "any").unwrap();
    let (ours, theirs) = tokio::join!(accept(&server), dialing);
    let (_ours, theirs) = (ours.unwrap(), theirs.unwrap());
    assert_eq!(theirs.max_datagram_size(), None);
    tokio::select! {
        biased;
        _ = theirs.open_uni() => unreachable!("no such stream is allowed"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn noise_on_the_port_harms_nobody() {
    let (server, server_id, _) = server();
    let noise = std::net::UdpSocket::bind(crate::rig::here()).unwrap();
    for round in 0..200usize {
        let mut bytes = gleaner_link::random_bytes::<1_400>();
        // Now and then what looks like a first packet of QUIC, version 1.
        if round % 3 == 0 {
            bytes[..6].copy_from_slice(&[0xc3, 0, 0, 0, 1, 8]);
        }
        noise.send_to(&bytes[..1 + round * 7], server.local_addr()).unwrap();
    }
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let dialing = dial(&server, &dialer, &server_id);
    assert!(soon(dialing).await.theirs.is_ok());
}
