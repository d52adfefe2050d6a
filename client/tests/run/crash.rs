//! kill -9: nothing that was delivered is computed again, nothing is lost, and no unit is blamed.

use std::collections::BTreeSet;

use crate::play::{Books, Play};
use crate::stage::{endless, word_count};

const UNITS: usize = 80;
const KILLS: usize = 8;

#[tokio::test]
async fn killed_again_and_again_it_does_all_units() {
    let play = Play::begin(Books::new(word_count(), UNITS, 20_000));
    let place = play.member().await;
    for kill in 1..=KILLS {
        let running = place.run(&["--threads", "2"]);
        play.until("some more results", |books| books.results.len() >= kill * 8).await;
        running.kill();
    }
    let _running = place.run(&["--threads", "2"]);
    play.all(UNITS).await;
    let books = play.books();
    assert!(books.hellos[1..].iter().any(|leases| !leases.is_empty()), "leases are taken up again");
    for results in books.results.values() {
        // Twice came only what was delivered while the client died, and it is the same.
        let distinct: BTreeSet<_> = results.iter().map(|it| format!("{:?}", it.returned)).collect();
        assert_eq!(distinct.len(), 1, "{results:?}");
        assert!(distinct.iter().all(|it| it.contains("Records")), "{distinct:?}");
    }
}

#[tokio::test]
async fn a_suspect_unit_is_computed_apart_and_goes_with_the_client() {
    let (job, data) = endless();
    let digest = job.data.unwrap().digest;
    let mut books = Books::new(job, 1, 20_000);
    books.bytes.insert(digest, data);
    let play = Play::begin(books);
    let place = play.member().await;
    for times in 1..=5 {
        let running = place.run(&["--threads", "1"]);
        place.logged(" is begun", times).await;
        place.logged(" is computed apart", times - 1).await;
        running.kill();
    }
    assert!(play.books().results.is_empty(), "whoever kills the client makes no unit look bad");
    let data = place.data().display().to_string();
    while processes_with(&data) > 0 {
        tokio::task::yield_now().await;
    }
}

/// How many processes were started with that word.
fn processes_with(word: &str) -> usize {
    let all = std::fs::read_dir("/proc").unwrap();
    let lines = all.filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

#[cfg(not(feature = "failpoints"))]
#[test]
fn there_are_no_failpoints_in_it() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_gleaner-client")).unwrap();
    let has = |word: &str| program.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    assert!(has("GLNSPL01"), "words of the program are found in it");
    assert!(!has("client.file.written") && !has("GLEANER_FAILPOINTS"));
}
