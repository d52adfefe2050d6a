//! Admission, with bounds small enough to reach.

use gleaner_shared::measure::Millis;

use super::*;
use crate::connect_error::ConnectError;
use crate::dialer::Dialer;

const PATIENCE: Millis = Millis::from_seconds(20);

struct Rig {
    server: Server,
    identity: Identity,
    dialer: Dialer,
}

impl Rig {
    fn new(bounds: Bounds) -> Self {
        let identity = Identity::generate();
        let listen = ([127, 0, 0, 1], 0).into();
        let server = Server::bind_within(&identity, listen, bounds).unwrap();
        let dialer = Dialer::new(&Identity::generate()).unwrap();
        Self { server, identity, dialer }
    }

    async fn dial(&self) -> Result<Connection, ConnectError> {
        let address = self.server.local_addr().to_string();
        self.dialer.connect_within(self.identity.id(), &address, PATIENCE).await
    }

    /// Both ends of a connection that there must be room for.
    async fn connect(&self) -> (Connection, Connection) {
        let shaking = async { self.server.accept().await.unwrap().establish().await };
        let (ours, theirs) = tokio::join!(shaking, self.dial());
        (ours.unwrap(), theirs.unwrap())
    }
}

#[tokio::test]
async fn under_load_an_address_is_proven_first() {
    let rig = Rig::new(Bounds { unproven: 0, ..Bounds::default() });
    let shaking = async {
        let incoming = rig.server.accept().await.unwrap();
        let proven = incoming.attempt.remote_address_validated();
        (proven, incoming.establish().await)
    };
    let ((proven, ours), theirs) = tokio::join!(shaking, rig.dial());
    assert!(proven, "it came back with the token of a Retry");
    ours.unwrap();
    theirs.unwrap();
}

#[tokio::test]
async fn a_full_server_says_so_and_has_room_again_later() {
    let rig = Rig::new(Bounds { total: 1, ..Bounds::default() });
    let kept = rig.connect().await;
    let error = tokio::select! {
        _ = rig.server.accept() => unreachable!("there is no room"),
        dialed = rig.dial() => dialed.unwrap_err(),
    };
    assert!(matches!(error, ConnectError::Refused { why: Ended::Full, .. }), "{error}");
    drop(kept);
    rig.connect().await;
}

#[tokio::test]
async fn a_handshake_that_stalls_is_given_up_and_leaves_no_trace() {
    let rig = Rig::new(Bounds { patience: Millis(200), ..Bounds::default() });
    // Passes on the client's first packet and nothing else.
    let relay = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = relay.local_addr().unwrap().to_string();
    let relaying = async {
        let mut packet = [0; 1_500];
        let len = relay.recv(&mut packet).await.unwrap();
        relay.send_to(&packet[..len], rig.server.local_addr()).await.unwrap();
        rig.server.accept().await.unwrap().establish().await
    };
    let dialing = rig.dialer.connect_within(rig.identity.id(), &address, PATIENCE);
    let error = tokio::select! {
        ended = relaying => ended.unwrap_err(),
        _ = dialing => unreachable!("nothing is answered"),
    };
    assert!(matches!(error, HandshakeError::Stalled), "{error}");
    assert_eq!(rig.server.gate.total(), 0);
}
