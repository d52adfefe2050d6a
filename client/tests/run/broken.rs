//! Apps that do not end, and crews that somebody ends: the client goes on, and blames the right unit.

use std::time::{Duration, Instant};

use gleaner_shared::measure::Millis;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::Returned;
use rustix::process::{Pid, Signal, kill_process};

use crate::place::Place;
use crate::play::{Books, Play};
use crate::stage::{endless, word_count};

#[tokio::test]
async fn a_document_without_an_end_is_reported_and_the_next_unit_is_done() {
    let (mut job, data) = endless();
    job.deadline = Millis(700);
    let digest = job.data.unwrap().digest;
    let mut books = Books::new(job, 2, 20_000);
    books.bytes.insert(digest, data);
    let play = Play::begin(books);
    let place = play.member().await;
    let running = place.run(&["--threads", "1"]);
    play.all(2).await;
    for results in play.books().results.values() {
        let Returned::Failed { class, message } = &results[0].returned else { panic!() };
        assert_eq!(*class, FailureClass::TimedOut);
        assert!(message.contains("takes longer than 700ms"), "{message}");
    }
    assert_eq!(play.books().hellos.len(), 1, "over the same session");
    let begun = Instant::now();
    while !crews(&place).is_empty() && begun.elapsed() < Duration::from_secs(10) {
        tokio::task::yield_now().await;
    }
    assert!(crews(&place).is_empty(), "the thread without an end has ended with its process");
    running.terminate();
    assert_eq!(running.ended().await, Some(0));
}

#[tokio::test]
async fn who_kills_crews_makes_no_unit_look_bad() {
    const UNITS: usize = 60;
    let play = Play::begin(Books::new(word_count(), UNITS, 40_000));
    let place = play.member().await;
    let _running = place.run(&["--threads", "2"]);
    let mut killed = 0;
    while killed < 4 {
        let done = play.books().results.len();
        play.until("some more results", |books| books.results.len() > done).await;
        for crew in crews(&place) {
            // It may have ended by itself meanwhile.
            killed += usize::from(kill_process(crew, Signal::KILL).is_ok());
        }
    }
    play.all(UNITS).await;
    place.logged("a crew died (signal: 9", 1).await;
    let books = play.books();
    for results in books.results.values() {
        assert!(matches!(results[0].returned, Returned::Records { .. }), "{results:?}");
    }
    assert_eq!(books.hellos.len(), 1, "over the same session");
}

/// The crews of a client.
fn crews(place: &Place) -> Vec<Pid> {
    let data = place.data().display().to_string();
    let is_crew = |entry: &std::fs::DirEntry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("\0crew\0") && line.contains(&data)
    };
    let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok).filter(is_crew);
    all.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)).collect()
}
