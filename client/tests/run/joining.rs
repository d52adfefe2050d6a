//! `join`: what it leaves, and how it says why not.

use std::os::unix::fs::PermissionsExt;

use gleaner_link::{Identity, Invite, Token};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{JoinReply, Role};

use crate::place::Place;
use crate::play::{Books, Play, joined};
use crate::stage::word_count;

fn play() -> Play {
    Play::begin(Books::new(word_count(), 0, 0))
}

#[tokio::test]
async fn a_machine_joins_once_and_its_key_is_its_own() {
    let play = play();
    let place = Place::new();
    let ran = place.ask(&["join", &play.invite(), "--name", "otter", "--json"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let joined: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(joined["schema"], "gleaner/join/1");
    assert_eq!((&joined["state"], &joined["role"]), (&"joined".into(), &"own".into()));
    assert_eq!((&joined["name"], &joined["account"]), (&"otter".into(), &"operator".into()));
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.data().join("identity.key")), 0o600);
    assert_eq!(mode(place.data()), 0o700);
}

#[tokio::test]
async fn joining_again_changes_nothing_even_while_the_server_is_away() {
    let play = play();
    let (place, invite) = (play.member().await, play.invite());
    let key = std::fs::read(place.data().join("identity.key")).unwrap();
    play.end().await;
    let ran = place.ask(&["join", &invite]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("had joined before"), "{ran:?}");
    assert_eq!(std::fs::read(place.data().join("identity.key")).unwrap(), key);
}

#[tokio::test]
async fn an_invite_comes_by_file_or_standard_input() {
    let play = play();
    let place = Place::new();
    let file = place.path("invite");
    std::fs::write(&file, format!("\n  '{}'\n", play.invite())).unwrap();
    let ran = place.ask(&["join", "--invite-file", &file.display().to_string()]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let other = Place::new();
    let ran = other.ask_with(&file, &["join", "-"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[tokio::test]
async fn a_server_that_says_no_is_heard_and_asked_again_with_the_same_key() {
    let play = play();
    let place = Place::new();
    for (refusal, code, says) in [
        (Refusal::InviteSpent, 7, "the invite is spent"),
        (Refusal::InviteExpired, 7, "has expired"),
        (Refusal::InviteRevoked, 7, "was revoked"),
        (Refusal::InviteUnknown, 7, "does not know this invite"),
        (Refusal::Banned, 7, "banned"),
        (Refusal::Full, 8, "disk is full"),
        (Refusal::Busy, 6, "busy"),
    ] {
        play.books().reply = Some(JoinReply::Refused(refusal));
        place.ask(&["join", &play.invite()]).await.failed(code, says);
    }
    let key = std::fs::read(place.data().join("identity.key")).unwrap();
    play.books().reply = Some(joined(Role::Admin));
    place.ask(&["join", &play.invite()]).await.failed(7, "gleaner-admin login");
    play.books().reply = Some(joined(Role::Volunteer));
    assert_eq!(place.ask(&["join", &play.invite()]).await.code, Some(0));
    assert_eq!(std::fs::read(place.data().join("identity.key")).unwrap(), key);
}

#[tokio::test]
async fn one_folder_belongs_to_one_server() {
    let (play, other) = (play(), play());
    let place = play.member().await;
    place.ask(&["join", &other.invite()]).await.failed(5, "belongs to another server");
    let servers = Place::new();
    std::fs::create_dir(servers.data()).unwrap();
    std::fs::write(servers.data().join("gleaner.db"), b"").unwrap();
    servers.ask(&["join", &play.invite()]).await.failed(5, "the data folder of a server");
}

#[tokio::test]
async fn another_key_at_the_address_is_11() {
    let play = play();
    let address = play.invite().trim_start_matches("gleaner://").to_owned();
    let (address, _) = address.split_once('/').unwrap();
    let wrong = Invite::new(Identity::generate().id(), address, Token([7; 16])).unwrap();
    let place = Place::new();
    place.ask(&["join", &wrong.to_string()]).await.failed(11, "key");
}

#[tokio::test]
async fn what_is_no_invite_is_told_apart() {
    let play = play();
    let place = Place::new();
    let good = play.invite();
    let (last, rest) = (&good[good.len() - 1..], &good[..good.len() - 1]);
    let damaged = format!("{rest}{}", if last == "A" { "Q" } else { "A" });
    for (invite, code, says) in [
        ("not-an-invite", 2, "this is no invite"),
        (&damaged, 11, "damaged"),
        (rest, 11, "some were lost"),
        ("-", 2, "the invite is empty"),
    ] {
        place.ask(&["join", invite]).await.failed(code, says);
    }
    place.ask(&["join", "--invite-file", "/no/such/file"]).await.failed(4, "No such file");
    assert!(!place.data().exists(), "and nothing is left");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_9() {
    let play = play();
    play.books().reply = None;
    let begun = std::time::Instant::now();
    Place::new().ask(&["join", &play.invite()]).await.failed(9, "it took too long");
    assert!(begun.elapsed().as_secs() < 15);
}

#[tokio::test]
async fn a_server_that_is_away_is_6() {
    let play = play();
    let invite = play.invite();
    play.end().await;
    let begun = std::time::Instant::now();
    Place::new().ask(&["join", &invite]).await.failed(6, "nothing answers");
    assert!(begun.elapsed().as_secs() < 15);
}
