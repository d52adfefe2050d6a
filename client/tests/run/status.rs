//! `status`, and what `run` refuses.

use crate::place::Place;
use crate::play::{Books, Play};
use crate::stage::word_count;

#[tokio::test]
async fn who_has_not_joined_is_told_to() {
    let place = Place::new();
    for words in [&["status"][..], &["run"]] {
        place.ask(words).await.failed(4, "gleaner-client join INVITE");
    }
    assert!(!place.data().exists(), "and nothing is left");
}

#[tokio::test]
async fn a_client_that_does_not_run_says_so_and_shows_its_disk() {
    let play = Play::begin(Books::new(word_count(), 0, 0));
    let place = play.member().await;
    let ran = place.ask(&["status"]).await;
    ran.failed(6, "no client runs");
    assert!(ran.out.contains("not running"), "{ran:?}");
    assert!(ran.out.contains("0 results wait for delivery"), "{ran:?}");
    let ran = place.ask(&["status", "--json"]).await;
    assert_eq!(ran.code, Some(6));
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["state"], "not-running");
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((&error["schema"], &error["exit_code"]), (&"gleaner/error/1".into(), &6.into()));
}

#[tokio::test]
async fn a_running_client_answers_and_keeps_others_out() {
    let play = Play::begin(Books::new(word_count(), 3, 10));
    let place = play.member().await;
    let running = place.run(&["--threads", "2"]);
    play.all(3).await;
    let ran = place.ask(&["status", "--json"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["schema"], "gleaner/client-status/1");
    assert_eq!((&report["state"], &report["threads"]), (&"connected".into(), &2.into()));
    place.ask(&["run"]).await.failed(5, "a client runs on");
    assert_eq!(place.ask(&["join", &play.invite()]).await.code, Some(0), "it has joined");
    running.terminate();
    assert_eq!(running.ended().await, Some(0));
    assert!(!place.data().join("client.sock").exists());
    let ran = place.ask(&["status"]).await;
    assert!(ran.out.contains("3 units in total"), "{ran:?}");
}

#[tokio::test]
async fn others_may_not_read_the_folder() {
    let play = Play::begin(Books::new(word_count(), 0, 0));
    let place = play.member().await;
    let key = place.data().join("identity.key");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    place.ask(&["run"]).await.failed(7, "chmod 600");
}
