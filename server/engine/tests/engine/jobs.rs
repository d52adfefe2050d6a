//! A job from its opening to its end.

use gleaner_engine::effect::{JobState, Tell, Write};
use gleaner_engine::event::Event;
use gleaner_shared::limits::WINDOW_SLICES;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome, Receipt};

use crate::desk::{DOCS, Desk, JOB, key, lease, policy, records};

fn finish(generation: u32) -> Tell {
    Tell::Finish { job: JOB, generation }
}

fn puts(desk: &Desk) -> usize {
    desk.writes.iter().filter(|write| matches!(write, Write::JobPut { .. })).count()
}

#[test]
fn a_job_finishes_when_its_last_unit_is_settled() {
    let mut desk = Desk::with_job(2, policy(2, 1));
    desk.own(6);
    desk.want(6, 2);
    desk.give(6, 1, records('a'));
    assert_eq!(desk.state(), Some(JobState::Running));
    desk.give(6, 0, records('a'));
    assert!(desk.tells.contains(&finish(1)));
    assert_eq!(desk.state(), Some(JobState::Finishing));
    desk.batch([Event::Finished(JOB)]);
    let [Write::JobPut { row, .. }] = &desk.writes[..] else { panic!("{:?}", desk.writes) };
    assert_eq!((row.state, row.merged, row.generation), (JobState::Done, 2, 1));
    assert_eq!(desk.state(), None, "a done job is forgotten");
    assert_eq!(desk.give(6, 0, records('a')), Receipt::Gone);
}

#[test]
fn an_empty_corpus_goes_straight_to_its_finish() {
    let mut desk = Desk::empty();
    desk.batch([Event::JobOpened { job: JOB, policy: policy(2, 1), slices: 0 }]);
    assert_eq!(desk.tells, [finish(1)]);
    assert_eq!(puts(&desk), 1);
}

#[test]
fn a_paused_job_gives_out_nothing_but_takes_results_and_finishes() {
    let mut desk = Desk::with_job(3, policy(2, 1));
    desk.own(6);
    desk.want(6, 2);
    desk.batch([Event::JobPaused(JOB)]);
    assert_eq!(desk.want(6, 1), []);
    assert_eq!(desk.give(6, 0, records('a')), Receipt::Kept);
    desk.batch([Event::JobResumed(JOB)]);
    assert_eq!(desk.granted(6), [2], "the held request is answered");
    desk.batch([Event::JobPaused(JOB)]);
    desk.give(6, 1, records('a'));
    desk.give(6, 2, records('a'));
    assert_eq!(desk.state(), Some(JobState::Finishing), "nothing is left to hold back");
}

#[test]
fn a_cancelled_job_takes_its_leases_with_it() {
    let mut desk = Desk::with_job(9, policy(2, 1));
    desk.own(6);
    desk.want(6, 2);
    desk.batch([Event::JobCancelled(JOB)]);
    let [Write::JobClear(_), Write::JobPut { row, .. }] = &desk.writes[..] else {
        panic!("{:?}", desk.writes)
    };
    assert_eq!(row.state, JobState::Cancelled);
    assert_eq!(desk.cancelled(6), [lease(1, 0), lease(1, 1)]);
    assert_eq!((desk.engine.leases(), desk.engine.next_deadline()), (0, None));
    assert_eq!(desk.give(6, 0, records('a')), Receipt::Gone);
    desk.batch([Event::JobCancelled(JOB), Event::Finished(JOB), Event::JobResumed(JOB)]);
    assert_eq!(desk.writes, []);
}

#[test]
fn a_jobs_row_is_put_once_a_batch_and_last() {
    let mut desk = Desk::with_job(99, policy(2, 1));
    desk.own(6);
    desk.own(7);
    desk.batch([
        Event::JobPaused(JOB),
        Event::JobResumed(JOB),
        Event::Wanted { host: crate::desk::host_id(6), request: 1, units: 4 },
        Event::Wanted { host: crate::desk::host_id(7), request: 1, units: 4 },
    ]);
    assert_eq!(puts(&desk), 1);
    let Some(Write::JobPut { row, .. }) = desk.writes.last() else { panic!("{:?}", desk.writes) };
    assert_eq!(row.next_slice, 8);
}

#[test]
fn failed_units_of_a_done_job_can_be_retried() {
    let mut desk = Desk::with_docs(1, 2, policy(2, 1));
    desk.own(6);
    desk.want(6, 2);
    desk.give(6, 0, Outcome::Failed(FailureClass::Crashed));
    desk.give(6, 1, records('a'));
    desk.batch([Event::Finished(JOB)]);
    let Some(Write::JobPut { row, .. }) = desk.writes.last().cloned() else { panic!("no row") };
    assert_eq!((row.merged, row.failed), (1, 1));

    let docs = DocRange { first: 0, count: 1 };
    let key = |slice| UnitKey { docs, ..key(slice) };
    let units = vec![key(0), key(0), key(7)];
    desk.batch([Event::JobRestored { job: JOB, row }, Event::JobRetried { job: JOB, units }]);
    let [Write::UnitsReopen(reopened), Write::JobPut { row, .. }] = &desk.writes[..] else {
        panic!("{:?}", desk.writes)
    };
    assert_eq!((&reopened[..], row.failed, row.state), (&[key(0)][..], 0, JobState::Running));
    assert_eq!(desk.want(6, 9), [0]);
    desk.give(6, 0, records('a'));
    assert!(desk.tells.contains(&finish(2)), "a new generation of its tables");
}

#[test]
fn a_restored_job_that_is_not_retried_is_forgotten_again() {
    let desk = Desk::with_job(1, policy(2, 1));
    let row = desk.engine.job(JOB).expect("open").row;
    let mut desk = Desk::empty();
    desk.batch([Event::JobRestored { job: JOB, row }]);
    assert_eq!(desk.state(), None, "a running job is restored by a snapshot only");
    let row = gleaner_engine::effect::JobRow { state: JobState::Done, ..row };
    desk.batch([Event::JobRestored { job: JOB, row }]);
    assert_eq!(desk.state(), None);
}

#[test]
fn the_window_is_asked_for_when_low_and_never_twice() {
    let window = u32::try_from(WINDOW_SLICES).expect("small");
    let slices = window * 3;
    let mut desk = Desk::empty();
    desk.batch([Event::JobOpened { job: JOB, policy: policy(2, 1), slices }]);
    let ask = |first, count| Tell::ReadSlices { job: JOB, first, count };
    assert_eq!(desk.tells, [ask(0, window)]);
    desk.batch([Event::SlicesRead { job: JOB, first: 5, docs: vec![DOCS; 9] }]);
    desk.batch([Event::SlicesRead { job: JOB, first: 0, docs: vec![] }]);
    assert_eq!(desk.tells, [], "neither is the answer");
    desk.batch([Event::SlicesRead { job: JOB, first: 0, docs: vec![DOCS; WINDOW_SLICES] }]);
    assert_eq!(desk.tells, []);

    let mut given = 0;
    let mut asked = vec![];
    for number in 10..13 {
        desk.own(number);
        while given < window / 2 + 64 {
            let got = desk.want(number, 64);
            if got.is_empty() {
                break;
            }
            given += u32::try_from(got.len()).expect("small");
            let reads = desk.tells.iter().filter(|tell| matches!(tell, Tell::ReadSlices { .. }));
            asked.extend(reads.cloned());
        }
    }
    assert_eq!(asked, [ask(window, window / 2 + 64)]);
}
