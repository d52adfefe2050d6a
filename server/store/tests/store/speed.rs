//! How long a full batch takes. A loose bound, so that a row-by-row commit cannot come back.

use std::time::{Duration, Instant};

use crate::scene::{TABLES, merging, rows, with_job, words_of};

const BATCH: u32 = 512;
const BATCHES: u32 = 8;

#[tokio::test]
async fn a_full_batch_takes_milliseconds() {
    let (_folder, store) = with_job(BATCH * BATCHES).await;
    let mut times = Vec::new();
    for batch in 0..BATCHES {
        let batch = merging(batch * BATCH..(batch + 1) * BATCH);
        let begin = Instant::now();
        store.commit(batch).await.unwrap();
        times.push(begin.elapsed());
    }
    times.sort();
    eprintln!("{BATCH} settled units a commit: {times:?}");
    assert!(times[times.len() / 2] < Duration::from_millis(250), "{times:?}");
    let all: Vec<u32> = (0..BATCH * BATCHES).collect();
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&all));
}
