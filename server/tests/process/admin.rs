//! Commands from elsewhere: admins are served, everybody else is refused.

use gleaner_link::{Close, Connection, Identity, Invite, QuicStream};
use gleaner_shared::wire::admin::invite::InviteWish;
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};
use gleaner_shared::wire::stream::{Open, Role};

use crate::peer::{connected, joined, socket_reply};
use crate::place::{Place, Running};

async fn asked(connection: &Connection) -> Reply {
    let mut stream: QuicStream = connection.open().await.expect("a stream");
    stream.send(&Open::Admin).await.expect("the server listens");
    stream.send(&Request::Server).await.expect("the server listens");
    stream.receive().await.expect("an answer")
}

fn scene() -> (Place, Running) {
    let place = Place::new();
    let server = place.server("127.0.0.1:0", &[]);
    (place, server)
}

#[tokio::test]
async fn an_admin_is_served_from_elsewhere() {
    let (place, server) = scene();
    let (dialer, connection) = joined(&place, Role::Admin).await;
    let Reply::Server(status) = asked(&connection).await else { panic!("no status") };
    assert_eq!(status.address, server.address());
    dialer.close(Close::Done, "").await;
}

#[tokio::test]
async fn nobody_else_may_command() {
    let (place, _server) = scene();
    for role in [Role::Own, Role::Volunteer] {
        let (_dialer, connection) = joined(&place, role).await;
        let Reply::Failed(problem) = asked(&connection).await else { panic!("{role:?} is served") };
        assert_eq!(problem.kind, ProblemKind::NotAllowed);
    }
    let wish = InviteWish { role: Role::Admin, account: None, uses: 1, expires_seconds: 60 };
    let Reply::InviteMade(made) = socket_reply(&place, &Request::InviteCreate(wish)).await else {
        panic!("no invite");
    };
    let invite: Invite = made.invite.parse().expect("an invite");
    let (_dialer, connection) = connected(&place, &invite, "never joined").await;
    let Reply::Failed(problem) = asked(&connection).await else { panic!("a stranger is served") };
    assert_eq!(problem.kind, ProblemKind::NotAllowed);
}

#[tokio::test]
async fn a_banned_admin_is_refused_at_once() {
    let (place, _server) = scene();
    let (_dialer, connection) = joined(&place, Role::Admin).await;
    assert!(matches!(asked(&connection).await, Reply::Server(_)));
    let host = Identity::load_or_create(&place.path("Admin")).expect("the key").id().to_string();
    assert!(matches!(
        socket_reply(&place, &Request::HostBan { host }).await,
        Reply::Done | Reply::Host(_)
    ));
    let answer = async {
        let mut stream: QuicStream = connection.open().await.ok()?;
        stream.send(&Open::Admin).await.ok()?;
        stream.send(&Request::Server).await.ok()?;
        stream.receive::<Reply>().await.ok()
    };
    // Its connection may be closed, or its next stream refused.
    assert!(!matches!(answer.await, Some(Reply::Server(_))));
}
