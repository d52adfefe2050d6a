//! Callers that are dropped at any moment: each batch is there whole or not at all.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::scene::{TABLES, merging, rows, with_job, words_of};

/// Polls so many times, with turns for other tasks between, then drops.
async fn poll_some<F: Future>(future: F, times: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        tokio::task::yield_now().await;
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_commit_is_whole_or_nothing() {
    let (_folder, store) = with_job(400).await;
    let (mut sure, mut dropped) = (Vec::new(), Vec::new());
    for round in 0..100_u32 {
        let slices = [2 * round, 2 * round + 1];
        let times = (round * 37) % 61;
        match poll_some(store.commit(merging(slices)), times).await {
            Some(done) => {
                done.unwrap();
                sure.extend(slices);
            }
            None => dropped.push(slices),
        }
    }
    assert!(!dropped.is_empty(), "no commit was dropped: the test shows nothing");
    // The next one works, and comes after all that were dropped.
    store.commit(merging([399])).await.unwrap();
    sure.push(399);
    for slices in dropped {
        // A commit whose task had begun is there; one that had not is not. Never half of one.
        let again = store.commit(merging(slices)).await;
        assert!(matches!(again, Ok(()) | Err(gleaner_store::CommitError::AlreadySettled(_))));
        sure.extend(slices);
    }
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&sure));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_questions_leave_their_connections_usable() {
    let (_folder, store) = with_job(64).await;
    for times in 0..200 {
        drop(poll_some(store.snapshot(), times % 7).await);
        drop(poll_some(store.job_list(), times % 11).await);
        drop(poll_some(store.corpus_begin("other", 1), times % 5).await);
    }
    assert_eq!(store.snapshot().await.unwrap().jobs.len(), 1);
    store.commit(merging([1])).await.unwrap();
}
