//! A scripted life of a queue, opened again after each step: the snapshot is what an engine had.

use gleaner_engine::effect::{JobRow, JobState, Leased, Write};
use gleaner_engine::event::{GrantSnapshot, JobSnapshot, Snapshot, UnitSnapshot};
use gleaner_shared::id::GrantId;
use gleaner_shared::verdict::{Settlement, UnitFailure};
use gleaner_store::{Batch, Store};

use crate::scene::{
    ALL, JOB, batch, doc_id, failed, grant, host, job_insert, leased, merging, open, records,
    returned, row, settle, slices_make, unit, vote,
};

struct Life {
    folder: tempfile::TempDir,
    store: Store,
    expected: Snapshot,
}

impl Life {
    async fn begin() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let add = slices_make(&store, "demo", 8).await;
        store.corpus_end(add).await.unwrap();
        let jobs = vec![job_insert(add.corpus)];
        let writes = vec![Write::JobPut { job: JOB, row: row(8, 0) }];
        store.commit(Batch { jobs, writes, ..batch(1) }).await.unwrap();
        let job = JobSnapshot { job: JOB, row: row(8, 0), units: Vec::new() };
        let expected = Snapshot { last_grant: None, jobs: vec![job], grants: Vec::new() };
        Self { folder, store, expected }
    }

    async fn step(&mut self, batch: Batch) {
        self.store.commit(batch).await.unwrap();
        self.check().await;
    }

    /// As it is, and as it is after a restart.
    async fn check(&mut self) {
        assert_eq!(self.store.snapshot().await.unwrap(), self.expected);
        self.store.close().await;
        self.store = open(self.folder.path()).await;
        assert_eq!(self.store.snapshot().await.unwrap(), self.expected);
    }

    fn open_leases(&mut self, grants: &[(u64, u8, &[u16])]) {
        let of = |&(number, owner, open): &(u64, u8, &[u16])| GrantSnapshot {
            grant: GrantId(number),
            host: host(owner),
            job: JOB,
            open: open.iter().map(|index| (*index, leased(unit((*index).into())))).collect(),
        };
        self.expected.grants = grants.iter().map(of).collect();
    }
}

fn writes(writes: Vec<Write>) -> Batch {
    Batch { writes, ..batch(1) }
}

#[tokio::test]
async fn a_restart_finds_what_was_open() {
    let mut life = Life::begin().await;
    life.check().await;
    let (one, two) = (host(1), host(2));

    life.open_leases(&[(1, 1, &[0, 1, 2, 3]), (2, 2, &[0, 1])]);
    life.expected.last_grant = Some(GrantId(2));
    life.step(writes(vec![grant(1, &one, &[0, 1, 2, 3]), grant(2, &two, &[0, 1])])).await;

    // A copy is leased a second time: a restart knows that both fill one slot.
    let again = Leased { slot: 3, ..leased(unit(5)) };
    let twice = Write::GrantInsert { grant: GrantId(3), host: two, job: JOB, units: vec![again] };
    life.expected.grants.push(GrantSnapshot {
        grant: GrantId(3),
        host: two,
        job: JOB,
        open: vec![(0, again)],
    });
    life.expected.last_grant = Some(GrantId(3));
    life.step(writes(vec![twice])).await;
    life.expected.grants.pop();
    life.step(writes(vec![Write::GrantEnd(GrantId(3))])).await;

    // A lease runs out.
    life.open_leases(&[(1, 1, &[0, 1, 2]), (2, 2, &[0, 1])]);
    let ended = Write::LeasesEnd { grant: GrantId(1), indices: vec![3] };
    let expired = UnitSnapshot { unit: unit(3), expiries: 1, results: Vec::new() };
    life.expected.jobs[0].units = vec![expired.clone()];
    life.step(writes(vec![ended, Write::UnitPut { unit: unit(3), expiries: 1 }])).await;

    // A result counts and does not decide: its host's lease is over, the other's is not.
    let result = returned(unit(0), &one, records(0));
    let put = Write::UnitPut { unit: unit(0), expiries: 0 };
    let insert = Write::ResultInsert { unit: unit(0), vote: vote(&one, &result) };
    let counted = UnitSnapshot { unit: unit(0), expiries: 0, results: vec![vote(&one, &result)] };
    life.expected.jobs[0].units = vec![counted, expired.clone()];
    life.open_leases(&[(1, 1, &[1, 2]), (2, 2, &[0, 1])]);
    life.step(Batch { results: vec![result], ..writes(vec![put, insert]) }).await;

    // It is settled by the other; unit 1 is settled while both hold it.
    let deciding = returned(unit(0), &two, records(0));
    let mut both = merging([1]);
    both.writes.push(settle(&two, &deciding));
    both.writes.push(Write::JobPut { job: JOB, row: JobRow { next_slice: 4, ..row(8, 2) } });
    both.results.push(deciding);
    life.expected.jobs[0].row = JobRow { next_slice: 4, ..row(8, 2) };
    life.expected.jobs[0].units = vec![expired];
    life.open_leases(&[(1, 1, &[2])]);
    life.step(both).await;

    // A grant ends whole.
    life.open_leases(&[]);
    let handed_back = Write::UnitPut { unit: unit(2), expiries: 0 };
    life.expected.jobs[0]
        .units
        .insert(0, UnitSnapshot { unit: unit(2), expiries: 0, results: vec![] });
    life.step(writes(vec![Write::GrantEnd(GrantId(1)), handed_back])).await;

    // The job is given up.
    let cancelled = JobRow { state: JobState::Cancelled, ..life.expected.jobs[0].row };
    life.expected.jobs.clear();
    life.expected.last_grant = Some(GrantId(4));
    life.step(writes(vec![
        grant(4, &one, &[4]),
        Write::JobClear(JOB),
        Write::JobPut { job: JOB, row: cancelled },
    ]))
    .await;
    let job = life.store.job_find("count").await.unwrap().unwrap();
    assert_eq!(job.row, cancelled);
    assert_eq!(job.done_at_unix_seconds, Some(2_000));
}

#[tokio::test]
async fn leases_of_reopened_units_stay_ended() {
    let mut life = Life::begin().await;
    let (one, two) = (host(1), host(2));
    let lost = failed(unit(0), &one, "out of memory in document 3");
    let give_up = Write::UnitSettle {
        unit: unit(0),
        settlement: Settlement::Failed(UnitFailure::App(
            gleaner_shared::verdict::FailureClass::Crashed,
        )),
        by: Some(vote(&one, &lost)),
    };
    life.expected.last_grant = Some(GrantId(2));
    life.open_leases(&[(1, 1, &[1]), (2, 2, &[1])]);
    let batch_of = |writes| Batch { results: vec![lost.clone()], ..self::writes(writes) };
    life.step(batch_of(vec![grant(1, &one, &[0, 1]), grant(2, &two, &[0, 1]), give_up])).await;
    assert_eq!(life.store.failed_units(JOB, 10).await.unwrap(), [unit(0)]);
    let failures = life.store.job_failures(JOB, ALL).await.unwrap();
    assert_eq!(failures[0].message, "out of memory in document 3");
    assert_eq!(failures[0].failure, "the app crashed");
    let ids: Vec<_> = (0..4).map(|position| doc_id(0, position)).collect();
    assert_eq!(failures[0].documents, ids);

    // It is open again and leased anew: only the new lease is open.
    let reopened = UnitSnapshot { unit: unit(0), expiries: 0, results: Vec::new() };
    life.expected.jobs[0].units = vec![reopened];
    life.expected.last_grant = Some(GrantId(3));
    life.open_leases(&[(1, 1, &[1]), (2, 2, &[1]), (3, 1, &[0])]);
    life.step(writes(vec![Write::UnitsReopen(vec![unit(0)]), grant(3, &one, &[0])])).await;
    assert!(life.store.failed_units(JOB, 10).await.unwrap().is_empty());
    let again = life.store.commit(writes(vec![Write::UnitsReopen(vec![unit(0)])])).await;
    assert!(again.is_err(), "only failed units are opened again");

    // And is merged at last.
    life.expected.jobs[0].units.clear();
    life.open_leases(&[(1, 1, &[1]), (2, 2, &[1])]);
    life.step(merging([0])).await;
}
