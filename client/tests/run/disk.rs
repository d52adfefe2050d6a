//! A disk that takes no results: the client says so, waits, and loses nothing.

use crate::play::{Books, Play};
use crate::stage::word_count;

const UNITS: usize = 40;

#[tokio::test]
async fn a_disk_that_takes_nothing_only_pauses() {
    let play = Play::begin(Books::new(word_count(), UNITS, 20_000));
    let place = play.member().await;
    let running = place.run(&["--threads", "2"]);
    play.until("some results", |books| books.results.len() >= 4).await;
    // Without its folder no result can be put there, whoever runs this test.
    let (spool, aside) = (place.data().join("spool"), place.data().join("aside"));
    std::fs::rename(&spool, &aside).unwrap();
    place.logged("the disk is full or takes no files", 1).await;
    let report = place.ask(&["status"]).await;
    assert!(report.out.contains("waits   the disk"), "{report:?}");
    let before = play.books().results.len();
    std::fs::rename(&aside, &spool).unwrap();
    play.all(UNITS).await;
    assert!(before < UNITS);
    place.logged("the disk takes files again", 1).await;
    running.terminate();
    assert_eq!(running.ended().await, Some(0));
    assert!(play.books().results.values().all(|results| results.len() == 1));
}
