//! SIGTERM: in at most 5 seconds it is over, and what is not done is handed back.

use std::time::{Duration, Instant};

use crate::play::{Books, Play};
use crate::stage::{endless, word_count};

const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn units_without_an_end_are_handed_back_in_time() {
    let (job, data) = endless();
    let digest = job.data.unwrap().digest;
    let mut books = Books::new(job, 4, 20_000);
    books.bytes.insert(digest, data);
    let play = Play::begin(books);
    let place = play.member().await;
    let running = place.run(&["--threads", "2"]);
    play.until("all leases", |books| books.leased.len() == 4).await;
    place.logged(" is begun", 2).await;
    let begun = Instant::now();
    running.terminate();
    play.until("the waiting ones", |books| books.released.len() == 2).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "those that wait are free at once");
    assert_eq!(running.ended().await, Some(0));
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    let books = play.books();
    assert_eq!((books.released.len(), books.leased.len()), (4, 0));
    assert_eq!(std::fs::read_dir(place.data().join("grants")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_second_ctrl_c_ends_it_at_once() {
    let (job, data) = endless();
    let digest = job.data.unwrap().digest;
    let mut books = Books::new(job, 1, 20_000);
    books.bytes.insert(digest, data);
    let play = Play::begin(books);
    let place = play.member().await;
    let running = place.run(&["--threads", "1"]);
    place.logged(" is begun", 1).await;
    let begun = Instant::now();
    running.interrupt();
    place.logged("stopping:", 1).await;
    running.interrupt();
    assert_eq!(running.ended().await, Some(130));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_unit_that_is_nearly_done_is_delivered() {
    let play = Play::begin(Books::new(word_count(), 64, 100_000));
    let place = play.member().await;
    let running = place.run(&["--threads", "1"]);
    play.until("the first result", |books| !books.results.is_empty()).await;
    running.terminate();
    assert_eq!(running.ended().await, Some(0));
    place.logged("stopping:", 1).await;
    let books = play.books();
    assert_eq!(books.leased.len(), 0, "all are done or handed back");
    assert_eq!(books.results.len() + books.free.len(), 64);
}

#[tokio::test]
async fn without_a_server_it_ends_as_soon_and_keeps_its_leases() {
    let (job, data) = endless();
    let digest = job.data.unwrap().digest;
    let mut books = Books::new(job, 4, 20_000);
    books.bytes.insert(digest, data);
    let play = Play::begin(books);
    let place = play.member().await;
    let running = place.run(&["--threads", "2"]);
    play.until("all leases", |books| books.leased.len() == 4).await;
    place.logged(" is begun", 2).await;
    let away = play.end().await;
    place.logged("no connection any more", 1).await;
    let begun = Instant::now();
    running.terminate();
    assert_eq!(running.ended().await, Some(0));
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    let play = away.back().await;
    let _running = place.run(&["--threads", "2"]);
    play.until("a second hello", |books| books.hellos.len() == 2).await;
    let books = play.books();
    assert_eq!((books.hellos[1].len(), books.leased.len()), (4, 4));
}
