//! Documents that fail: set aside alone, listed with what to do, done again when asked.

use gleaner_shared::document::Document;
use gleaner_shared::wire::admin::job::{Change, FailureRow, JobStatus};
use gleaner_shared::wire::admin::{Reply, Request};

use super::scene::{Scene, document, wish};
use super::worker::Manner;

const DOCUMENTS: u32 = 7;
const BAD: u32 = 4;

/// All in one slice.
fn documents() -> Vec<Document> {
    (0..DOCUMENTS).map(|number| document(&format!("d{number}"), 0, &["one word"])).collect()
}

async fn status(scene: &Scene) -> JobStatus {
    match scene.reply(&Request::JobStatus { name: "words".into() }).await {
        Reply::Job(status) => status,
        reply => panic!("{reply:?}"),
    }
}

async fn failures(scene: &Scene) -> Vec<FailureRow> {
    let replies = scene.replies(&Request::JobErrors { name: "words".into() }).await;
    let rows = replies.into_iter().filter_map(|reply| match reply {
        Reply::Failures(rows) => Some(rows),
        _ => None,
    });
    rows.flatten().collect()
}

/// How many documents the tables count, by the word that each of them has once.
async fn counted(scene: &Scene) -> Option<gleaner_shared::table::Value> {
    let rows = scene.rows("words", "words").await;
    rows.into_iter().next().and_then(|row| row.into_iter().next_back())
}

#[tokio::test]
async fn one_document_that_fails_ends_alone_and_all_others_are_merged() {
    let scene = Scene::new().await;
    scene.corpus_add("texts", &documents(), 65_536).await;
    scene.submit(wish("words", "word-count", None)).await;
    assert_eq!(status(&scene).await.units, 1);
    scene.worked("words", Manner::RefuseAt(BAD)).await;

    let job = status(&scene).await;
    assert_eq!((job.failed, job.merged + job.failed), (1, job.units), "{job:?}");
    assert_eq!(job.units, 4, "halves of halves of halves: three splits find one of seven");
    let [failure] = <[FailureRow; 1]>::try_from(failures(&scene).await).unwrap();
    assert_eq!(
        (failure.first, failure.count, &failure.documents[..]),
        (BAD, 1, &["d4".to_owned()][..])
    );
    assert_eq!(failure.message, "not a word in it");
    let before = counted(&scene).await;

    let retry = Request::JobChange { name: "words".into(), change: Change::Retry };
    assert!(matches!(scene.reply(&retry).await, Reply::Job(_)));
    scene.worked("words", Manner::Compute).await;
    let job = status(&scene).await;
    assert_eq!((job.failed, job.merged, job.units), (0, 4, 4));
    assert!(failures(&scene).await.is_empty());
    assert_ne!(counted(&scene).await, before);
}
