//! Exactly once, all or nothing.

use gleaner_engine::effect::Write;
use gleaner_shared::verdict::{Settlement, UnitFailure};
use gleaner_store::{Batch, CommitError};

use crate::scene::{
    JOB, TABLES, batch, digest_of, grant, host, merging, records, returned, row, rows, settle,
    unit, vote, with_job, words_of,
};

#[tokio::test]
async fn a_unit_is_merged_once() {
    let (_folder, store) = with_job(3).await;
    store.commit(merging([0, 1])).await.unwrap();
    let again = store.commit(merging([2, 1])).await;
    assert!(matches!(again, Err(CommitError::AlreadySettled(_))), "{again:?}");
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&[0, 1]));
    store.commit(merging([2])).await.unwrap();
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&[0, 1, 2]));
    assert_eq!(store.row_count(JOB, "docs").await.unwrap(), 3);
}

#[tokio::test]
async fn a_failed_unit_is_not_merged_and_a_merged_one_does_not_fail() {
    let (_folder, store) = with_job(2).await;
    let give_up = |slice| Write::UnitSettle {
        unit: unit(slice),
        settlement: Settlement::Failed(UnitFailure::Expired),
        by: None,
    };
    let failing = |slice| Batch { writes: vec![give_up(slice)], ..batch(1) };
    store.commit(failing(0)).await.unwrap();
    store.commit(merging([1])).await.unwrap();
    let refused = [store.commit(merging([0])).await, store.commit(failing(1)).await];
    for refused in refused {
        assert!(matches!(refused, Err(CommitError::AlreadySettled(_))));
    }
}

#[tokio::test]
async fn a_batch_whose_last_write_conflicts_leaves_nothing() {
    let (_folder, store) = with_job(8).await;
    store.commit(merging([7])).await.unwrap();
    let before = store.snapshot().await.unwrap();
    let (one, two) = (host(1), host(2));
    let kept = returned(unit(3), &two, records(3));
    let mut all = merging([0, 1]);
    let late = merging([7]);
    all.writes.splice(
        0..0,
        [
            Write::JobPut { job: JOB, row: row(8, 5) },
            grant(5, &one, &[4, 5]),
            Write::UnitPut { unit: unit(3), expiries: 1 },
            Write::ResultInsert { unit: unit(3), vote: vote(&two, &kept) },
        ],
    );
    all.writes.extend(late.writes);
    all.results.extend(late.results);
    all.results.push(kept);
    all.now = gleaner_shared::measure::Time(99);
    let refused = store.commit(all).await;
    assert!(matches!(refused, Err(CommitError::AlreadySettled(_))), "{refused:?}");
    assert_eq!(store.snapshot().await.unwrap(), before);
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&[7]));
    store.commit(merging([0, 1])).await.unwrap();
}

#[tokio::test]
async fn a_settlement_without_its_records_changes_nothing() {
    let (_folder, store) = with_job(2).await;
    let good = merging([0]);
    let lost = Batch { results: Vec::new(), ..good.clone() };
    assert!(store.commit(lost).await.is_err());
    let mut wrong = good.clone();
    wrong.results[0].packed = returned(unit(1), &host(1), records(1)).packed;
    assert!(store.commit(wrong).await.is_err(), "the digest is checked at the last moment");
    assert_eq!(rows(&store, &TABLES[1]).await, words_of(&[]));
    store.commit(good).await.unwrap();
}

#[tokio::test]
async fn kept_results_are_merged_when_another_decides() {
    for rows_of_unit in [1, 5_000] {
        let (folder, store) = with_job(2).await;
        let (one, two) = (host(1), host(2));
        let mut large = records(0);
        large[0] = (0..rows_of_unit)
            .map(|at: u32| {
                let name = gleaner_shared::digest::digest(&at.to_le_bytes()).to_string();
                vec![crate::scene::text(&name), gleaner_shared::table::Value::Int(1)]
            })
            .collect();
        let first = returned(unit(0), &one, large);
        let other = returned(unit(0), &two, records(1));
        let writes = vec![
            Write::UnitPut { unit: unit(0), expiries: 0 },
            Write::ResultInsert { unit: unit(0), vote: vote(&one, &first) },
            Write::ResultInsert { unit: unit(0), vote: vote(&two, &other) },
        ];
        let results = vec![first.clone(), other];
        store.commit(Batch { writes, results, ..batch(1) }).await.unwrap();
        let is_large = first.packed.len() > gleaner_shared::limits::RESULT_INLINE_MAX;
        assert_eq!(objects(folder.path()), usize::from(is_large), "large results are objects");
        // The batch that decides does not hold the bytes of the digest that wins.
        let settlement = Settlement::Merged(digest_of(&first));
        let writes = vec![Write::UnitSettle { unit: unit(0), settlement, by: None }];
        store.commit(Batch { writes, ..batch(2) }).await.unwrap();
        assert_eq!(store.row_count(JOB, "docs").await.unwrap(), u64::from(rows_of_unit));
        assert_eq!(objects(folder.path()), 0, "an object goes with its row");
        let snapshot = store.snapshot().await.unwrap();
        assert!(snapshot.jobs[0].units.is_empty());
    }
}

fn objects(folder: &std::path::Path) -> usize {
    let Ok(fans) = std::fs::read_dir(folder.join("objects/result")) else { return 0 };
    fans.map(|fan| std::fs::read_dir(fan.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_result_counts_once_a_host() {
    let (_folder, store) = with_job(2).await;
    let one = host(1);
    let result = returned(unit(0), &one, records(0));
    let insert = Write::ResultInsert { unit: unit(0), vote: vote(&one, &result) };
    let writes = vec![Write::UnitPut { unit: unit(0), expiries: 0 }, insert.clone()];
    let first = Batch { writes, results: vec![result.clone()], ..batch(1) };
    store.commit(first).await.unwrap();
    let again = Batch { writes: vec![insert], results: vec![result.clone()], ..batch(1) };
    assert!(store.commit(again).await.is_err());
    let writes = vec![settle(&one, &result)];
    store.commit(Batch { writes, results: vec![result], ..batch(1) }).await.unwrap();
}
