//! Hosts that the operator bans.

use gleaner_engine::event::{Event, Host};
use gleaner_shared::digest::digest;
use gleaner_shared::id::HostId;
use gleaner_shared::policy::Standing;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::Role;
use gleaner_store::{InviteInsert, JoinWish};

use super::scene::Scene;
use crate::driver::{Input, SessionId, outbox};

#[tokio::test]
async fn a_ban_ends_the_session_of_its_host() {
    let scene = Scene::new().await;
    let token = digest(b"token");
    let insert = InviteInsert {
        token,
        role: Role::Own,
        account: None,
        uses: 1,
        expires_at_unix_seconds: i64::MAX,
    };
    scene.store.invite_insert(insert).await.unwrap();
    let id = HostId([7; 32]);
    let join = JoinWish { token, host: id, name: "otter".into(), now_unix_seconds: 0 };
    let account = scene.store.join(join).await.unwrap().account;
    let (sender, mut messages) = outbox();
    let host = Host { id, account, standing: Standing::Own };
    let event = Event::HostConnected { host, threads: 1, leases: Vec::new() };
    let begin = Input::Begin { session: SessionId(1), event, host: id, outbox: sender };
    scene.driver.send(begin).await.unwrap();
    match scene.reply(&Request::HostBan { host: "otter".into() }).await {
        Reply::Host(row) => assert!(row.banned && !row.connected, "{row:?}"),
        reply => panic!("{reply:?}"),
    }
    assert_eq!(messages.recv().await, None, "its session is over");
}
