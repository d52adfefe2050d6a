//! Machines that talk to a server: over its socket, and over QUIC with a key of their own.

use std::os::unix::net::UnixStream as StdStream;

use gleaner_link::{Connection, Dialer, Identity, Invite, unix_framed};
use gleaner_shared::wire::admin::invite::InviteWish;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::{Join, JoinReply, Open, Role};

use crate::place::Place;

/// One answer on the socket of the data folder.
pub(crate) async fn socket_reply(place: &Place, request: &Request) -> Reply {
    let socket = StdStream::connect(place.path("data/admin.sock")).expect("the socket is there");
    socket.set_nonblocking(true).expect("it can be");
    let mut stream = unix_framed(socket.try_into().expect("a runtime"));
    stream.send(&Open::Admin).await.expect("the server listens");
    stream.send(request).await.expect("the server listens");
    stream.receive().await.expect("an answer")
}

/// A machine that has joined in this role, and its connection.
pub(crate) async fn joined(place: &Place, role: Role) -> (Dialer, Connection) {
    let wish = InviteWish { role, account: None, uses: 1, expires_seconds: 60 };
    let Reply::InviteMade(made) = socket_reply(place, &Request::InviteCreate(wish)).await else {
        panic!("no invite");
    };
    let invite: Invite = made.invite.parse().expect("an invite");
    let (dialer, connection) = connected(place, &invite, &format!("{role:?}")).await;
    let mut stream = connection.open().await.expect("a stream");
    let join = Join { token: invite.token().0, name: "test".into() };
    stream.send(&Open::Join(join)).await.expect("the server listens");
    assert!(matches!(stream.receive().await, Ok(JoinReply::Joined { .. })));
    (dialer, connection)
}

/// A connection with the key of this name, made if there is none.
pub(crate) async fn connected(place: &Place, invite: &Invite, name: &str) -> (Dialer, Connection) {
    let identity = Identity::load_or_create(&place.path(name)).expect("a key");
    let dialer = Dialer::new(&identity).expect("a socket");
    let connection = dialer.connect(invite.server(), invite.address()).await.expect("a server");
    (dialer, connection)
}
