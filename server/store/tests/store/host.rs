//! Invites and hosts.

use gleaner_shared::digest::digest;
use gleaner_shared::id::{AccountId, Digest, HostId};
use gleaner_shared::wire::stream::Role;
use gleaner_store::{HostError, InviteInsert, JoinError, JoinWish, Joined, Page, Store};
use tempfile::TempDir;

use crate::scene::{ALL, open};

struct Inn {
    _folder: TempDir,
    store: Store,
}

fn token(name: &str) -> Digest {
    digest(name.as_bytes())
}

impl Inn {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        Self { _folder: folder, store }
    }

    async fn invite(&self, name: &str, role: Role, account: Option<&str>, uses: u32) -> u32 {
        let invite = InviteInsert {
            token: token(name),
            role,
            account: account.map(Into::into),
            uses,
            expires_at_unix_seconds: 100,
        };
        self.store.invite_insert(invite).await.unwrap()
    }

    async fn join(&self, invite: &str, host: u8, now: i64) -> Result<Joined, JoinError> {
        let (token, host) = (token(invite), HostId([host; 32]));
        self.store.join(JoinWish { token, host, name: "pc".into(), now_unix_seconds: now }).await
    }

    async fn used(&self) -> Vec<u32> {
        self.store.invite_list(ALL).await.unwrap().iter().map(|row| row.used).collect()
    }
}

#[tokio::test]
async fn an_invite_counts_each_host_once() {
    let inn = Inn::new().await;
    inn.invite("two", Role::Volunteer, None, 2).await;
    let first = inn.join("two", 1, 5).await.unwrap();
    assert_eq!(first.account_name, "volunteer-01010101");
    for now in [6, 99, 1_000] {
        assert_eq!(inn.join("two", 1, now).await.unwrap(), first, "also after its time");
    }
    assert_eq!(inn.used().await, [1]);
    assert_ne!(inn.join("two", 2, 5).await.unwrap().account, first.account);
    assert!(matches!(inn.join("two", 3, 5).await, Err(JoinError::Spent)));
    assert_eq!(inn.join("two", 1, 5).await.unwrap(), first);
    assert_eq!(inn.used().await, [2]);
}

#[tokio::test]
async fn an_invite_can_be_over_in_every_way() {
    let inn = Inn::new().await;
    let id = inn.invite("one", Role::Volunteer, None, 1).await;
    assert!(matches!(inn.join("none", 1, 5).await, Err(JoinError::Unknown)));
    assert!(matches!(inn.join("one", 1, 100).await, Err(JoinError::Expired)));
    assert!(inn.store.invite_revoke(id).await.unwrap());
    assert!(!inn.store.invite_revoke(id + 1).await.unwrap());
    assert!(matches!(inn.join("one", 1, 5).await, Err(JoinError::Revoked)));
    assert_eq!(inn.used().await, [0]);
    assert!(inn.store.host_find(HostId([1; 32])).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stronger_invite_raises_a_host_and_a_weaker_one_does_nothing() {
    let inn = Inn::new().await;
    inn.invite("volunteer", Role::Volunteer, None, 9).await;
    inn.invite("own", Role::Own, None, 9).await;
    inn.invite("admin", Role::Admin, None, 9).await;
    inn.join("volunteer", 1, 5).await.unwrap();
    let own = inn.join("own", 1, 5).await.unwrap();
    assert_eq!((own.account, own.role), (AccountId::OPERATOR, Role::Own));
    assert_eq!(own.account_name, "operator");
    assert_eq!(inn.join("volunteer", 1, 5).await.unwrap(), own);
    assert_eq!(inn.join("admin", 1, 5).await.unwrap().role, Role::Admin);
    assert_eq!(inn.used().await, [1, 1, 1]);
}

#[tokio::test]
async fn hosts_of_one_person_share_an_account() {
    let inn = Inn::new().await;
    inn.invite("a", Role::Volunteer, Some("ann"), 9).await;
    inn.invite("b", Role::Volunteer, Some("ann"), 9).await;
    let joined = [inn.join("a", 1, 5).await.unwrap(), inn.join("b", 2, 5).await.unwrap()];
    assert_eq!(joined[0], joined[1]);
    assert_eq!(joined[0].account_name, "ann");
    assert_ne!(joined[0].account, AccountId::OPERATOR);
    let operator = InviteInsert {
        token: token("c"),
        role: Role::Volunteer,
        account: Some("operator".into()),
        uses: 1,
        expires_at_unix_seconds: 100,
    };
    assert!(inn.store.invite_insert(operator).await.is_err(), "no stranger is the operator");
}

#[tokio::test]
async fn a_banned_host_stays_out() {
    let inn = Inn::new().await;
    inn.invite("v", Role::Volunteer, None, 9).await;
    inn.invite("own", Role::Own, None, 9).await;
    inn.join("v", 1, 5).await.unwrap();
    let host = HostId([1; 32]);
    for _ in 0..2 {
        inn.store.host_ban(host).await.unwrap();
    }
    assert!(inn.store.host_find(host).await.unwrap().unwrap().banned);
    for invite in ["v", "own"] {
        assert!(matches!(inn.join(invite, 1, 5).await, Err(JoinError::Banned)));
    }
    let absent = inn.store.host_ban(HostId([9; 32])).await;
    assert!(matches!(absent, Err(HostError::Absent(_))));
}

#[tokio::test]
async fn a_host_is_found_by_what_is_not_ambiguous() {
    let inn = Inn::new().await;
    inn.invite("v", Role::Volunteer, None, 9).await;
    for host in [0x1a, 0x1b, 0x2c] {
        inn.join("v", host, 5).await.unwrap();
        inn.store.host_seen(HostId([host; 32]), &format!("pc-{host}_%"), 50).await.unwrap();
    }
    let found = |wanted: &'static str| async {
        inn.store.host_show(wanted).await.map(|(id, _)| id.0[0]).map_err(|error| error.to_string())
    };
    assert_eq!(found("1a").await, Ok(0x1a));
    assert_eq!(found("2").await, Ok(0x2c));
    assert_eq!(found("pc-26_%").await, Ok(0x1a));
    assert!(found("1").await.unwrap_err().contains("more than one"));
    for absent in ["3", "pc-26__", "%", "1A", "'"] {
        assert!(found(absent).await.unwrap_err().contains("no host"), "{absent}");
    }
    let page = Page { offset: 1, limit: 1 };
    let (_, row) = inn.store.host_list(page).await.unwrap().remove(0);
    assert_eq!((row.joined_at_unix_seconds, row.seen_at_unix_seconds), (5, 50));
}
