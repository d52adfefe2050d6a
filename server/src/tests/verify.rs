//! What `corpus verify` finds, and that it finds nothing where nothing is wrong.

use std::fs;

use gleaner_shared::wire::admin::corpus::Verified;
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};

use super::scene::{Scene, document, files};

/// Slices of one document each.
const SLICES: u8 = 5;

async fn scene() -> Scene {
    let scene = Scene::new().await;
    let text = |number: u8| "word ".repeat(200 + usize::from(number));
    let documents: Vec<_> =
        (0..SLICES).map(|number| document(&format!("d{number}"), 0, &[&text(number)])).collect();
    scene.corpus_add("texts", &documents, 1_024).await;
    scene
}

async fn verified(scene: &Scene) -> Verified {
    let mut replies = scene.replies(&Request::CorpusVerify { name: "texts".into() }).await;
    assert_eq!(replies[0], Reply::Progress { done: 0, total: u64::from(SLICES) });
    match replies.pop() {
        Some(Reply::Verified(verified)) => verified,
        reply => panic!("{reply:?}"),
    }
}

#[tokio::test]
async fn what_is_as_it_was_stored_is_right() {
    let scene = scene().await;
    let count = u64::from(SLICES);
    let right = Verified { payloads: count, documents: count, wrong: Vec::new() };
    assert_eq!(verified(&scene).await, right);
}

#[tokio::test]
async fn each_flipped_bit_of_a_pack_is_found() {
    let scene = scene().await;
    let [pack] = &files(&scene.folder, "pack")[..] else { panic!("one pack") };
    let whole = fs::read(pack).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(pack, bytes).unwrap();
        let found = verified(&scene).await;
        assert_eq!((found.payloads, found.wrong.len()), (u64::from(SLICES) - 1, 1), "{found:?}");
        assert!(found.wrong[0].starts_with("slice "), "{found:?}");
    }
}

#[tokio::test]
async fn a_lost_pack_is_found() {
    let scene = scene().await;
    fs::remove_file(&files(&scene.folder, "pack")[0]).unwrap();
    let found = verified(&scene).await;
    assert_eq!((found.payloads, found.wrong.len()), (0, usize::from(SLICES)), "{found:?}");
}

#[tokio::test]
async fn a_corpus_that_is_not_there_cannot_be_verified() {
    let scene = Scene::new().await;
    let problem = scene.problem(&Request::CorpusVerify { name: "texts".into() }).await;
    assert_eq!(problem.kind, ProblemKind::NotFound);
}
