//! Units come, are computed, and their results arrive.

use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::Returned;

use crate::play::{Books, Play};
use crate::stage::{unit_of, word_count};

const UNITS: usize = 150;

#[tokio::test]
async fn all_units_are_computed_once_and_then_it_ends() {
    let play = Play::begin(Books::new(word_count(), UNITS, 100));
    let place = play.member().await;
    let running = place.run(&["--threads", "2", "--exit-when-idle", "200ms"]);
    play.all(UNITS).await;
    assert_eq!(running.ended().await, Some(0));
    let books = play.books();
    assert!(books.results.values().all(|results| results.len() == 1));
    assert!(books.fetched.values().all(|offsets| *offsets == [0]));
    assert_eq!((books.leased.len(), books.released.len()), (0, 0));
    for folder in ["spool", "grants", "payloads"] {
        let left = std::fs::read_dir(place.data().join(folder)).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == "damaged"), "{folder}: {left:?}");
    }
}

#[tokio::test]
async fn a_transfer_that_broke_off_goes_on_where_it_was() {
    let mut books = Books::new(word_count(), 1, 20_000);
    books.cuts = 2;
    let play = Play::begin(books);
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.all(1).await;
    let books = play.books();
    let (digest, offsets) = books.fetched.first_key_value().unwrap();
    let len = books.bytes[digest].len() as u64;
    assert_eq!(*offsets, [0, len / 2, len / 2 + (len - len / 2) / 2]);
}

#[tokio::test]
async fn a_run_tells_programs_how_it_went() {
    let play = Play::begin(Books::new(word_count(), 3, 10));
    let place = play.member().await;
    let ran = place.ask(&["run", "--json", "--exit-when-idle", "100ms"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&report["units_done_total"], &report["state"]), (&3.into(), &"not-running".into()));
}

#[tokio::test]
async fn no_work_is_waited_for_until_it_comes() {
    let play = Play::begin(Books::new(word_count(), 0, 0));
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.until("a hello", |books| books.hellos.len() == 1).await;
    let later = Books::new(word_count(), 5, 10);
    {
        let mut books = play.books();
        books.bytes = later.bytes;
        books.free = later.free;
    }
    play.wake();
    play.all(5).await;
    assert_eq!(play.books().hellos.len(), 1, "over the same session");
}

#[tokio::test]
async fn what_the_app_refuses_is_delivered_as_a_failure() {
    let mut job = word_count();
    job.params = vec![("speed".into(), "high".into())];
    let play = Play::begin(Books::new(job, 1, 10));
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.all(1).await;
    let books = play.books();
    let result = &books.results.values().next().unwrap()[0];
    let Returned::Failed { class, message } = &result.returned else { panic!("{result:?}") };
    assert_eq!(*class, FailureClass::Refused);
    assert!(message.contains("speed"), "{message}");
}

#[tokio::test]
async fn what_is_cancelled_is_dropped_and_the_next_begun() {
    let mut books = Books::new(word_count(), 1, 10);
    let (long, payload) = unit_of(100..300, 20_000);
    books.bytes.insert(long.payload.digest, payload);
    books.free.push_front(long);
    let play = Play::begin(books);
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    place.logged(" is begun", 1).await;
    let lease = *play.books().leased.first_key_value().unwrap().0;
    play.books().cancel.push(lease);
    play.wake();
    place.logged("was taken back", 1).await;
    play.all(1).await;
    assert!(!play.books().results.contains_key(&long.payload.digest));
}

#[tokio::test]
async fn an_unknown_app_is_handed_back() {
    let mut job = word_count();
    job.app = "word-count@999".into();
    let play = Play::begin(Books::new(job, 1, 10));
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.until("a release", |books| books.released.len() == 1).await;
    assert!(play.books().results.is_empty());
    place.logged("does not know the app word-count@999", 1).await;
}

#[tokio::test]
async fn a_payload_that_the_server_lacks_is_handed_back() {
    let play = Play::begin(Books::new(word_count(), 3, 10));
    let lost = play.books().free[1].payload.digest;
    play.books().bytes.remove(&lost);
    let place = play.member().await;
    let _running = place.run(&["--threads", "1"]);
    play.until("two results and a release", |books| {
        books.results.len() == 2 && !books.released.is_empty()
    })
    .await;
    assert!(!play.books().results.contains_key(&lost));
}
