//! Failing units are split until the document that fails is alone; nothing is lost or done twice.

use std::collections::BTreeSet;

use gleaner_engine::Engine;
use gleaner_engine::effect::{JobState, Write};
use gleaner_engine::event::{Event, JobSnapshot, Snapshot, UnitSnapshot};
use gleaner_shared::id::GrantId;
use gleaner_shared::measure::Time;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome, Receipt, Settlement, UnitFailure};

use crate::desk::{Desk, JOB, key, lease, merged, policy, records};

const CRASH: Outcome = Outcome::Failed(FailureClass::Crashed);

fn part(first: u32, count: u32) -> UnitKey {
    UnitKey { docs: DocRange { first, count }, ..key(0) }
}

fn units(desk: &Desk, number: u8) -> Vec<UnitKey> {
    desk.leased(number).into_iter().map(|(_, unit)| unit).collect()
}

#[test]
fn a_failing_unit_becomes_two_halves_that_wait() {
    let mut desk = Desk::with_job(2, policy(2, 1));
    desk.own(6);
    desk.stranger(1);
    desk.want(1, 1);
    desk.want(6, 2);
    assert_eq!(desk.give(6, 0, CRASH), Receipt::Kept);
    let into = [part(0, 5).docs, part(5, 5).docs];
    let why = UnitFailure::App(FailureClass::Crashed);
    assert!(
        matches!(&desk.writes[..], [Write::UnitPut { .. }, Write::UnitSplit { unit, into: halves, why: said, by: Some(_) }, ..]
            if *unit == key(0) && *halves == into && *said == why),
        "{:?}",
        desk.writes
    );
    assert_eq!(desk.settled(), [], "it is not given up");
    assert_eq!(desk.cancelled(1), [lease(1, 0)], "the stranger's copy is void");
    assert_eq!(desk.give(1, 0, records('a')), Receipt::Late, "what it still returns is late");
    let view = desk.engine.job(JOB).expect("open");
    assert_eq!((view.row.splits, view.row.failed, view.waiting, view.leased), (1, 0, 2, 1));
    desk.want(6, 9);
    assert_eq!(units(&desk, 6), [part(0, 5), part(5, 5)]);
}

#[test]
fn strangers_split_it_when_they_agree_on_the_failure() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    for number in 1..=2 {
        desk.stranger(number);
        desk.want(number, 1);
    }
    desk.give(1, 0, CRASH);
    assert_eq!(desk.engine.job(JOB).expect("open").row.splits, 0, "one may lie");
    desk.give(2, 0, CRASH);
    assert_eq!(desk.engine.job(JOB).expect("open").row.splits, 1);
    desk.want(1, 9);
    assert_eq!(units(&desk, 1), [part(0, 5), part(5, 5)], "its votes on the whole are gone");
}

/// Own host 6 does a job of one slice in which these documents crash the app, until it is done.
fn do_all(docs: u32, bad: &BTreeSet<u32>) -> (BTreeSet<u32>, Vec<u32>, u32) {
    let mut desk = Desk::with_docs(docs, 1, policy(2, 1));
    desk.own(6);
    let (mut failed, mut covered) = (BTreeSet::new(), vec![0; docs as usize]);
    while desk.state() == Some(JobState::Running) {
        desk.want(6, 64);
        for unit in units(&desk, 6) {
            let range = unit.docs.first..unit.docs.end();
            let is_bad = range.clone().any(|position| bad.contains(&position));
            desk.give_unit(6, unit, if is_bad { CRASH } else { records('a') });
            for (_, settlement) in desk.settled() {
                range.clone().for_each(|position| covered[position as usize] += 1);
                if settlement != merged('a') {
                    assert_eq!(unit.docs.count, 1, "only a single document is given up");
                    failed.insert(unit.docs.first);
                }
            }
        }
    }
    let row = desk.engine.job(JOB).expect("finishing").row;
    assert_eq!(row.merged + row.failed, row.slices + row.splits);
    (failed, covered, row.splits)
}

#[test]
fn exactly_the_documents_that_fail_are_set_aside() {
    for docs in 1..=9_u32 {
        for pattern in 0..1_u32 << docs {
            let bad: BTreeSet<u32> = (0..docs).filter(|at| pattern >> at & 1 == 1).collect();
            let (failed, covered, splits) = do_all(docs, &bad);
            assert_eq!(failed, bad, "of {docs}");
            assert_eq!(covered, vec![1; docs as usize], "each once, {bad:?} of {docs}");
            assert!(splits < docs);
        }
    }
}

#[test]
fn a_unit_that_nobody_returns_is_split_too() {
    let mut desk = Desk::with_docs(2, 1, policy(2, 1));
    desk.own(6);
    for _ in 0..gleaner_shared::limits::UNIT_EXPIRIES_MAX {
        assert_eq!(desk.want(6, 1), [0]);
        desk.let_run_out();
    }
    let split = desk
        .writes
        .iter()
        .any(|write| matches!(write, Write::UnitSplit { why: UnitFailure::Expired, by: None, .. }));
    assert!(split, "{:?}", desk.writes);
    desk.want(6, 9);
    assert_eq!(units(&desk, 6), [part(0, 1), part(1, 1)]);
}

#[test]
fn a_paused_job_splits_and_gives_nothing_out_and_a_cancelled_one_forgets() {
    let mut desk = Desk::with_docs(2, 1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.batch([Event::JobPaused(JOB)]);
    desk.want(6, 9);
    desk.give(6, 0, CRASH);
    assert_eq!(desk.engine.job(JOB).expect("open").row.splits, 1);
    assert_eq!(units(&desk, 6), []);
    desk.batch([Event::JobResumed(JOB)]);
    assert_eq!(units(&desk, 6), [part(0, 1), part(1, 1)]);
    desk.batch([Event::JobCancelled(JOB)]);
    assert_eq!(desk.cancelled(6).len(), 2);
    assert_eq!(desk.give_unit(6, part(0, 1), CRASH), Receipt::Gone);
}

#[test]
fn a_document_that_failed_is_retried_as_such() {
    let mut desk = Desk::with_docs(2, 1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.give(6, 0, CRASH);
    desk.want(6, 2);
    desk.give_unit(6, part(1, 1), CRASH);
    assert_eq!(desk.settled(), [(0, Settlement::Failed(UnitFailure::App(FailureClass::Crashed)))]);
    desk.batch([Event::JobRetried { job: JOB, units: vec![part(1, 1)] }]);
    desk.want(6, 9);
    assert_eq!(units(&desk, 6), [part(1, 1)]);
    desk.give_unit(6, part(1, 1), records('a'));
    desk.give_unit(6, part(0, 1), records('a'));
    let row = desk.engine.job(JOB).expect("finishing").row;
    assert_eq!((row.merged, row.failed, row.splits), (2, 0, 1));
}

#[test]
fn a_restart_goes_on_with_the_halves() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.give(6, 0, CRASH);
    let row = desk.engine.job(JOB).expect("open").row;
    let half = |first| UnitSnapshot { unit: part(first, 5), expiries: 0, results: vec![] };
    let job = JobSnapshot { job: JOB, row, units: vec![half(0), half(5)] };
    let snapshot = Snapshot { last_grant: Some(GrantId(1)), jobs: vec![job], grants: vec![] };
    let mut desk = Desk::of(Engine::restore(Time(0), snapshot).expect("sound"));
    desk.own(6);
    assert_eq!(desk.give(6, 0, CRASH), Receipt::Late, "delivered again after a crash");
    desk.want(6, 9);
    assert_eq!(units(&desk, 6), [part(0, 5), part(5, 5)]);
}
