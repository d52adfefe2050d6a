//! Splits: what the store refuses of them, and what a restart finds.

use gleaner_engine::effect::{JobRow, Write};
use gleaner_engine::event::UnitSnapshot;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Settlement, UnitFailure};
use gleaner_store::{Batch, CommitError, Store};

use crate::scene::{
    ALL, JOB, batch, doc_id, failed, grant, host, leased, merging, row, unit, vote, with_job,
};

const WHY: UnitFailure = UnitFailure::App(FailureClass::Crashed);

fn part(slice: u32, first: u32, count: u32) -> UnitKey {
    UnitKey { docs: DocRange { first, count }, ..unit(slice) }
}

fn put(unit: UnitKey) -> Write {
    Write::UnitPut { unit, expiries: 0 }
}

fn split(unit: UnitKey, into: [(u32, u32); 2]) -> Write {
    let into = into.map(|(first, count)| DocRange { first, count });
    Write::UnitSplit { unit, into, why: WHY, by: None }
}

async fn commit(store: &Store, writes: Vec<Write>) -> Result<(), CommitError> {
    store.commit(Batch { writes, ..batch(1) }).await
}

fn opened(slice: u32, first: u32, count: u32) -> UnitSnapshot {
    UnitSnapshot { unit: part(slice, first, count), expiries: 0, results: Vec::new() }
}

#[tokio::test]
async fn two_halves_come_and_the_whole_goes_with_its_results_and_leases() {
    let (_folder, store) = with_job(3).await;
    let (one, two) = (host(1), host(2));
    let crash = failed(unit(0), &one, "at document 2");
    let row = JobRow { next_slice: 2, splits: 1, ..row(3, 0) };
    let counted = vec![
        grant(1, &one, &[0, 1]),
        grant(2, &two, &[0, 1]),
        put(unit(0)),
        Write::ResultInsert { unit: unit(0), vote: vote(&one, &crash) },
    ];
    let results = vec![crash];
    store.commit(Batch { writes: counted, results, ..batch(1) }).await.unwrap();
    let into = [DocRange { first: 0, count: 2 }, DocRange { first: 2, count: 2 }];
    let deciding = failed(unit(0), &two, "at document 2");
    let writes = vec![
        put(unit(0)),
        Write::UnitSplit { unit: unit(0), into, why: WHY, by: Some(vote(&two, &deciding)) },
        Write::GrantInsert {
            grant: gleaner_shared::id::GrantId(3),
            host: one,
            job: JOB,
            units: vec![leased(part(0, 2, 2))],
        },
        Write::JobPut { job: JOB, row },
    ];
    store.commit(Batch { writes, results: vec![deciding], ..batch(2) }).await.unwrap();

    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.jobs[0].row, row);
    assert_eq!(snapshot.jobs[0].units, [opened(0, 0, 2), opened(0, 2, 2)]);
    let open: Vec<_> = snapshot.grants.iter().map(|grant| grant.open.clone()).collect();
    let other = (1, leased(unit(1)));
    assert_eq!(open, [vec![other], vec![other], vec![(0, leased(part(0, 2, 2)))]]);
    assert!(store.failed_units(JOB, 9).await.unwrap().is_empty(), "a split is no failed document");
    assert!(store.job_failures(JOB, ALL).await.unwrap().is_empty());
    let record = store.job_find_by_id(JOB).await.unwrap().unwrap();
    assert_eq!((record.row.splits, record.units.rows), (1, 2));
}

#[tokio::test]
async fn what_would_lose_or_double_a_document_is_refused_whole() {
    let (_folder, store) = with_job(3).await;
    commit(&store, vec![put(unit(0)), put(unit(2))]).await.unwrap();
    store.commit(merging([1])).await.unwrap();
    let before = store.snapshot().await.unwrap();
    for (what, unit, into) in [
        ("a gap", unit(0), [(0, 1), (2, 2)]),
        ("an overlap", unit(0), [(0, 3), (2, 2)]),
        ("one too few", unit(0), [(0, 2), (2, 1)]),
        ("one too many", unit(0), [(0, 2), (2, 3)]),
        ("nothing", unit(0), [(0, 4), (4, 0)]),
        ("the wrong order", unit(0), [(2, 2), (0, 2)]),
        ("a merged unit", unit(1), [(0, 2), (2, 2)]),
        ("a unit that is not there", part(0, 0, 2), [(0, 1), (1, 1)]),
    ] {
        let refused = commit(&store, vec![split(unit, into)]).await;
        assert!(refused.is_err(), "{what}");
        assert_eq!(store.snapshot().await.unwrap(), before, "{what}");
    }
}

#[tokio::test]
async fn a_unit_that_was_split_comes_back_in_no_way() {
    let (_folder, store) = with_job(2).await;
    let halves = [(0, 2), (2, 2)];
    commit(&store, vec![put(unit(0)), split(unit(0), halves)]).await.unwrap();
    let again = commit(&store, vec![put(unit(0)), split(unit(0), halves)]).await;
    assert!(again.is_err(), "split twice");
    let merged = store.commit(merging([0])).await;
    assert!(matches!(merged, Err(CommitError::AlreadySettled(_))), "{merged:?}");
    assert!(commit(&store, vec![Write::UnitsReopen(vec![unit(0)])]).await.is_err(), "retried");
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.jobs[0].units, [opened(0, 0, 2), opened(0, 2, 2)]);
}

#[tokio::test]
async fn a_batch_may_split_to_the_end() {
    let (_folder, store) = with_job(1).await;
    let one = host(1);
    let crash = failed(part(0, 3, 1), &one, "out of memory");
    let give_up = Write::UnitSettle {
        unit: part(0, 3, 1),
        settlement: Settlement::Failed(WHY),
        by: Some(vote(&one, &crash)),
    };
    let writes = vec![
        put(unit(0)),
        split(unit(0), [(0, 2), (2, 2)]),
        put(part(0, 2, 2)),
        split(part(0, 2, 2), [(2, 1), (3, 1)]),
        give_up,
    ];
    store.commit(Batch { writes, results: vec![crash], ..batch(1) }).await.unwrap();
    let units = store.snapshot().await.unwrap().jobs.remove(0).units;
    assert_eq!(units, [opened(0, 0, 2), opened(0, 2, 1)]);
    let failures = store.job_failures(JOB, ALL).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].first, failures[0].count), (3, 1));
    assert_eq!(failures[0].documents, [doc_id(0, 3)]);
    assert_eq!(failures[0].message, "out of memory");
    assert_eq!(store.failed_units(JOB, 9).await.unwrap(), [part(0, 3, 1)]);
}
