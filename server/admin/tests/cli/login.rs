//! `login`, and commands over QUIC after it.

use gleaner_link::{Identity, Invite, QuicStream, Server, Token};
use gleaner_shared::id::AccountId;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{JoinReply, Open, Role};

use crate::place::{Place, Ran, ran};

/// A server that listens, and an invite to it.
fn server(identity: &Identity) -> (Server, String) {
    let listen = "127.0.0.1:0".parse().expect("it is an address");
    let server = Server::bind(identity, listen).expect("a port is free");
    let address = server.local_addr().to_string();
    let invite = Invite::new(identity.id(), &address, Token([7; 16])).expect("it is an address");
    (server, invite.to_string())
}

/// Takes one connection, its first stream and what it is for.
async fn opened(server: &Server) -> (Open, QuicStream) {
    let incoming = server.accept().await.expect("it is open");
    let connection = incoming.establish().await.expect("the program connects");
    let mut stream = connection.accept().await.expect("it opens a stream");
    (stream.receive().await.expect("it says what for"), stream)
}

async fn answered(stream: &mut QuicStream, reply: JoinReply) {
    stream.send(&reply).await.expect("the program listens");
}

fn joined(role: Role) -> JoinReply {
    let account_name = "operator".into();
    JoinReply::Joined { account: AccountId::OPERATOR, account_name, role, version: "0.1.0".into() }
}

fn run(place: &Place, words: &[&str]) -> tokio::task::JoinHandle<Ran> {
    let command = place.bare(words);
    tokio::task::spawn_blocking(move || ran(command))
}

#[tokio::test]
async fn after_a_login_the_server_is_known_and_pinned() {
    let place = Place::new();
    let (server, invite) = server(&Identity::generate());
    let running = run(&place, &["login", &invite, "--name", "lab"]);
    let (open, mut stream) = opened(&server).await;
    let Open::Join(join) = open else { panic!("{open:?}") };
    assert_eq!(join.token, [7; 16]);
    answered(&mut stream, joined(Role::Admin)).await;
    let login = running.await.unwrap();
    assert_eq!(login.code, 0, "{login:?}");
    for words in [&["job", "list"][..], &["job", "list", "--server", "lab"]] {
        let running = run(&place, words);
        let (open, mut stream) = opened(&server).await;
        assert_eq!(open, Open::Admin);
        assert_eq!(stream.receive::<Request>().await.unwrap(), Request::JobList);
        stream.send(&Reply::Jobs(vec![])).await.unwrap();
        assert_eq!(running.await.unwrap().code, 0);
    }
}

#[tokio::test]
async fn a_server_that_says_no_leaves_no_login() {
    let place = Place::new();
    let (server, invite) = server(&Identity::generate());
    for (reply, says) in [
        (JoinReply::Refused(Refusal::InviteSpent), "the invite is spent"),
        (joined(Role::Volunteer), "for machines that compute"),
    ] {
        let running = run(&place, &["login", &invite]);
        let (_, mut stream) = opened(&server).await;
        answered(&mut stream, reply).await;
        let ran = running.await.unwrap();
        assert_eq!(ran.code, 7, "{ran:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
        assert_eq!(run(&place, &["job", "list"]).await.unwrap().code, 6, "no login is left");
    }
}

#[tokio::test]
async fn another_servers_key_is_11_and_its_name_5() {
    let place = Place::new();
    let (real, invite) = server(&Identity::generate());
    let running = run(&place, &["login", &invite, "--name", "lab"]);
    let (_, mut stream) = opened(&real).await;
    answered(&mut stream, joined(Role::Admin)).await;
    assert_eq!(running.await.unwrap().code, 0);
    let address = real.local_addr().to_string();
    let wrong =
        Invite::new(Identity::generate().id(), &address, Token([7; 16])).unwrap().to_string();
    let taken = run(&place, &["login", &wrong, "--name", "lab"]).await.unwrap();
    assert_eq!(taken.code, 5, "{taken:?}");
    let running = run(&place, &["login", &wrong, "--name", "other"]);
    let incoming = real.accept().await.unwrap();
    assert!(incoming.establish().await.is_err());
    assert_eq!(running.await.unwrap().code, 11);
}
