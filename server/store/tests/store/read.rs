//! Rows, pages and derived tables.

use gleaner_shared::table::{Row, Value};
use gleaner_store::RowsWish;

use crate::scene::{DERIVED, JOB, TABLES, merging, rows, text, with_job};

fn ranks(count: i64, base: i64) -> Vec<Row> {
    (0..count).map(|at| vec![text(&format!("w{at:06}")), Value::Int(base + at)]).collect()
}

#[tokio::test]
async fn derived_tables_are_replaced_whole() {
    let (_folder, store) = with_job(1).await;
    let replace = |generation, rows: Vec<Row>| {
        store.finish_replace(JOB, generation, &DERIVED[0], rows.into_iter())
    };
    replace(1, ranks(10_000, 0)).await.unwrap();
    assert_eq!(rows(&store, &DERIVED[0]).await, ranks(10_000, 0));
    for _ in 0..2 {
        replace(2, ranks(5, 7)).await.unwrap();
        assert_eq!(rows(&store, &DERIVED[0]).await, ranks(5, 7));
    }
    replace(1, ranks(9, 9)).await.unwrap();
    assert_eq!(rows(&store, &DERIVED[0]).await, ranks(5, 7), "an older one comes too late");
    let twice = ranks(3, 0).into_iter().chain(ranks(3, 0)).collect();
    assert!(replace(3, twice).await.is_err());
    assert_eq!(rows(&store, &DERIVED[0]).await, ranks(5, 7), "one that fails changes nothing");
    assert!(
        store.finish_replace(JOB, 4, &crate::query::UNKNOWN, std::iter::empty()).await.is_err()
    );
}

#[tokio::test]
async fn batches_fit_a_frame_and_keep_the_order() {
    let (_folder, store) = with_job(1).await;
    let long = |at: i64| vec![text(&format!("{at:05}{}", "x".repeat(2_000))), Value::Int(-at)];
    let all: Vec<Row> = (0..200).map(long).collect();
    store.finish_replace(JOB, 1, &DERIVED[0], all.clone().into_iter()).await.unwrap();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let wish = RowsWish {
        job: JOB,
        table: &DERIVED[0],
        columns: vec!["rank", "word"],
        order_by: vec!["rank"],
    };
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.rows(wish, sender).await }
    });
    let (mut got, mut sizes): (Vec<Row>, Vec<usize>) = Default::default();
    while let Some(batch) = receiver.recv().await {
        let reply = gleaner_shared::wire::admin::Reply::Rows(batch.clone());
        let limit = gleaner_shared::limits::FRAME_BYTES_MAX;
        assert!(gleaner_shared::wire::codec::encode_bulk(&reply, limit).is_ok());
        sizes.push(batch.len());
        got.extend(batch);
    }
    reading.await.unwrap().unwrap();
    assert!(sizes.len() < 12, "batches are well filled: {sizes:?}");
    let wanted: Vec<Row> =
        all.into_iter().rev().map(|row| vec![row[1].clone(), row[0].clone()]).collect();
    assert_eq!(got, wanted);
}

#[tokio::test]
async fn takers_that_leave_or_sleep_hold_up_nobody() {
    let (_folder, store) = with_job(40).await;
    store.finish_replace(JOB, 1, &DERIVED[0], ranks(50_000, 0).into_iter()).await.unwrap();
    let wish =
        || RowsWish { job: JOB, table: &DERIVED[0], columns: vec!["word"], order_by: Vec::new() };
    for _ in 0..8 {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        drop(receiver);
        store.rows(wish(), sender).await.unwrap();
    }
    let mut sleeping = Vec::new();
    for _ in 0..4 {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let store = store.clone();
        let wish = wish();
        sleeping.push((tokio::spawn(async move { store.rows(wish, sender).await }), receiver));
    }
    store.commit(merging(0..40)).await.unwrap();
    assert_eq!(store.row_count(JOB, "docs").await.unwrap(), 40);
    assert_eq!(store.snapshot().await.unwrap().jobs.len(), 1);
    for (task, _) in &sleeping {
        task.abort();
    }
    let _: Vec<_> = sleeping.into_iter().map(|(_, mut receiver)| receiver.close()).collect();
}

#[tokio::test]
async fn a_walk_in_steps_sees_every_row_once() {
    let (_folder, store) = with_job(1).await;
    store.finish_replace(JOB, 1, &DERIVED[0], ranks(1_000, 0).into_iter()).await.unwrap();
    for step in [1, 7, 999, 1_000, 5_000] {
        let mut all: Vec<Row> = Vec::new();
        loop {
            let after = all.last().map(|row| &row[..1]);
            let more = store.rows_after(JOB, &DERIVED[0], after, step).await.unwrap();
            if more.is_empty() {
                break;
            }
            all.extend(more);
            if step == 1 && all.len() == 20 {
                break;
            }
        }
        let wanted = if step == 1 { 20 } else { 1_000 };
        assert_eq!(all, ranks(wanted, 0));
    }
}

#[tokio::test]
async fn tables_are_listed_with_their_rows() {
    let (_folder, store) = with_job(3).await;
    store.commit(merging([0, 2])).await.unwrap();
    let tables = store.table_list(JOB).await.unwrap();
    let shown: Vec<_> = tables.iter().map(|table| (table.sql_name.as_str(), table.rows)).collect();
    assert_eq!(shown, [("job1_docs", 2), ("job1_words", 2), ("job1_ranks", 0)]);
    assert_eq!(tables[1].columns, ["word", "year", "count", "longest", "least"]);
    assert_eq!(tables[0].table, TABLES[0].name);
    assert!(store.row_count(JOB, "docs; DROP TABLE job").await.is_err());
}
