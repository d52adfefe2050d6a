//! An engine restored from a store decides as the old one would have.

use gleaner_engine::effect::{JobRow, JobState, Leased, Tell, Write};
use gleaner_engine::event::{
    Event, GrantSnapshot, Host, JobSnapshot, Snapshot, UnitSnapshot, Vote,
};
use gleaner_engine::{Engine, RestoreError};
use gleaner_shared::id::{AccountId, GrantId, JobId};
use gleaner_shared::limits::LEASE_DEFAULT;
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;
use gleaner_shared::verdict::Receipt;

use crate::desk::{Desk, JOB, host_id, key, lease, merged, policy, records};

fn row(next_slice: u32, merged: u32) -> JobRow {
    JobRow {
        policy: policy(2, 1),
        state: JobState::Running,
        slices: 9,
        next_slice,
        merged,
        failed: 0,
        splits: 0,
        generation: 0,
    }
}

fn stranger(number: u8) -> Host {
    let account = AccountId(u64::from(number));
    Host { id: host_id(number), account, standing: Standing::Stranger }
}

fn unit(slice: u32, results: Vec<Vote>) -> UnitSnapshot {
    UnitSnapshot { unit: key(slice), expiries: 0, results }
}

fn leased(slice: u32) -> Leased {
    Leased { slice, docs: key(slice).docs, slot: 0 }
}

/// Of slices 0 to 3: 0 is settled, 1 has a result of host 1, 1 and 2 are leased to host 2, 3 is only
/// a row.
fn snapshot() -> Snapshot {
    let vote = Vote { host: stranger(1), outcome: records('a') };
    Snapshot {
        last_grant: Some(GrantId(40)),
        jobs: vec![JobSnapshot {
            job: JOB,
            row: row(4, 1),
            units: vec![unit(1, vec![vote]), unit(3, vec![])],
        }],
        grants: vec![GrantSnapshot {
            grant: GrantId(38),
            host: stranger(2),
            job: JOB,
            open: vec![(3, leased(1)), (5, leased(2))],
        }],
    }
}

fn restored(snapshot: Snapshot) -> Desk {
    let now = Time(500_000);
    let mut desk = Desk::of(Engine::restore(now, snapshot).expect("a sound store"));
    desk.now = now;
    desk.batch([]);
    desk.answer_reads();
    desk
}

#[test]
fn what_was_open_goes_on() {
    let mut desk = restored(snapshot());
    assert_eq!(desk.engine.next_deadline(), Some(desk.now + LEASE_DEFAULT), "a whole new time");
    desk.stranger(1);
    assert_eq!(desk.want(1, 3), [2, 3, 4], "1 has its voice, 2 wants a second copy");
    assert_eq!(desk.grant(), 41, "no number twice");
    desk.connect(2, AccountId(2), Standing::Stranger, &[lease(38, 3), lease(38, 5)]);
    assert_eq!(desk.cancelled(2), []);
    assert_eq!(desk.give(2, 1, records('a')), Receipt::Kept);
    assert_eq!(desk.settled(), [(1, merged('a'))]);
    assert_eq!(desk.give(2, 0, records('a')), Receipt::Late, "settled before the restart");
    assert_eq!(desk.give(2, 8, records('a')), Receipt::Gone, "never leased");
}

#[test]
fn a_grant_that_the_store_should_have_left_out_is_ended() {
    let mut snapshot = snapshot();
    snapshot.grants[0].host = stranger(1);
    snapshot.grants[0].open.truncate(1);
    snapshot.jobs[0].units.push(unit(2, vec![]));
    let desk = Desk::of(Engine::restore(Time(0), snapshot.clone()).expect("sound"));
    assert_eq!(desk.engine.leases(), 0, "its host has voted");
    snapshot.grants[0].job = JobId(77);
    let desk = Desk::of(Engine::restore(Time(0), snapshot).expect("sound"));
    assert_eq!(desk.engine.leases(), 0, "its job is gone");
}

#[test]
fn a_finishing_job_is_told_to_finish_again() {
    let mut snapshot = snapshot();
    snapshot.grants.clear();
    snapshot.jobs[0].units.clear();
    snapshot.jobs[0].row =
        JobRow { state: JobState::Finishing, generation: 3, merged: 9, ..row(9, 9) };
    let mut desk = Desk::of(Engine::restore(Time(0), snapshot).expect("sound"));
    desk.batch([]);
    assert_eq!(desk.tells, [Tell::Finish { job: JOB, generation: 3 }]);
    assert_eq!(desk.writes, []);
    desk.batch([Event::Finished(JOB)]);
    assert!(matches!(desk.writes[..], [Write::JobPut { .. }]));
}

#[test]
fn a_damaged_store_is_refused() {
    fn check(damage: fn(&mut Snapshot), expected: RestoreError) {
        let mut snapshot = snapshot();
        damage(&mut snapshot);
        let error = Engine::restore(Time(0), snapshot).expect_err("damaged");
        assert_eq!(error, expected);
        assert!(error.to_string().contains("backup"), "{error} says what to do");
    }
    check(
        |snapshot| snapshot.jobs[0].row.next_slice = 3,
        RestoreError::UnitAhead { unit: key(3), next_slice: 3 },
    );
    check(
        |snapshot| snapshot.last_grant = Some(GrantId(37)),
        RestoreError::GrantAhead { grant: GrantId(38), last: 37 },
    );
    check(|snapshot| snapshot.grants[0].open[1].0 = 64, RestoreError::LeaseBeyond(lease(38, 64)));
    check(
        |snapshot| snapshot.grants[0].open.push((9, leased(0))),
        RestoreError::OpenMiscounted { job: JOB, open: 4, unsettled: 3 },
    );
    check(
        |snapshot| snapshot.grants[0].open.truncate(1),
        RestoreError::OpenMiscounted { job: JOB, open: 2, unsettled: 3 },
    );
    check(
        |snapshot| snapshot.jobs[0].job = JobId(8),
        RestoreError::UnitElsewhere { unit: key(1), job: JobId(8) },
    );
}
