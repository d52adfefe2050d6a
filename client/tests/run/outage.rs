//! The server goes away and comes back.

use std::time::{Duration, Instant};

use gleaner_shared::wire::refusal::Refusal;

use crate::play::{Books, Play};
use crate::stage::word_count;

const UNITS: usize = 60;

#[tokio::test]
async fn what_is_held_is_computed_on_and_delivered_on_the_servers_return() {
    let play = Play::begin(Books::new(word_count(), UNITS, 20_000));
    let place = play.member().await;
    let _running = place.run(&["--threads", "2"]);
    play.until("some results", |books| books.results.len() >= 4).await;
    let away = play.end().await;
    let (held, done) = {
        let books = away.books.lock().unwrap();
        (books.leased.len(), books.results.len())
    };
    place.logged(" spooled after ", held + done).await;
    let play = away.back().await;
    let back = Instant::now();
    play.until("a delivery", |books| books.results.len() > done).await;
    assert!(back.elapsed() < Duration::from_secs(2), "{:?}: {}", back.elapsed(), place.log());
    play.all(UNITS).await;
    let books = play.books();
    assert_eq!(books.hellos[1].len(), held, "the leases of results are stated too");
    assert!(books.results.values().all(|results| results.len() == 1));
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again() {
    let mut books = Books::new(word_count(), 3, 10);
    books.refusals = [Refusal::Busy, Refusal::Closing, Refusal::Full].into();
    let play = Play::begin(books);
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.all(3).await;
}

#[tokio::test]
async fn a_client_that_is_not_wanted_ends_and_says_why() {
    for (refusal, says) in [(Refusal::Banned, "banned"), (Refusal::NotJoined, "not joined")] {
        let mut books = Books::new(word_count(), 3, 10);
        books.refusals = [refusal].into();
        let play = Play::begin(books);
        let place = play.member().await;
        place.ask(&["run"]).await.failed(7, says);
    }
}

#[tokio::test]
async fn a_client_may_start_before_its_server() {
    let play = Play::begin(Books::new(word_count(), 3, 10));
    let place = play.member().await;
    let away = play.end().await;
    let _running = place.run(&["--threads", "1"]);
    place.logged("it is tried again", 1).await;
    let play = away.back().await;
    play.all(3).await;
}
