//! Slow copies at the end of a job: who gets a further copy, and what its result does.

use gleaner_engine::effect::Write;
use gleaner_engine::event::{Event, GrantSnapshot, JobSnapshot, Snapshot, UnitSnapshot};
use gleaner_engine::{Engine, view::JobView};
use gleaner_shared::id::{AccountId, GrantId};
use gleaner_shared::limits::{SLOW_FACTOR, SPARE_SHARE, SPARES_LEAST};
use gleaner_shared::measure::{Millis, Time};
use gleaner_shared::policy::Standing;
use gleaner_shared::verdict::Receipt::{Kept, Late};

use crate::desk::{Desk, JOB, host_id, key, lease, merged, policy, records};

const USUAL: Millis = Millis(10_000);
const SLOW: Millis = Millis(USUAL.0 * SLOW_FACTOR);

/// A desk whose hosts have one thread, on which host 8 did the first slice in the usual time.
fn begun(slices: u32, own_copies: u8) -> Desk {
    let mut desk = Desk::with_job(slices, policy(2, own_copies));
    desk.threads = 1;
    desk.own(8);
    assert_eq!(desk.want(8, 1), [0]);
    if own_copies == 2 {
        desk.own(9);
        assert_eq!(desk.want(9, 1), [0]);
    }
    desk.tick(USUAL);
    desk.give(8, 0, records('a'));
    if own_copies == 2 {
        desk.give(9, 0, records('a'));
    }
    desk
}

fn view(desk: &Desk) -> JobView {
    desk.engine.job(JOB).expect("open")
}

#[test]
fn an_idle_host_gets_a_slow_copy_when_it_has_become_slow() {
    let mut desk = begun(2, 1);
    desk.own(6);
    assert_eq!(desk.want(6, 1), [1]);
    let given = desk.now;
    desk.tick(Millis(1));
    assert_eq!(desk.want(8, 1), [], "nothing is slow yet");
    assert_eq!(desk.engine.next_deadline(), Some(given + SLOW), "then it is looked at again");
    desk.tick(Millis(SLOW.0 - 2));
    assert_eq!(desk.granted(8), []);
    desk.tick(Millis(1));
    assert_eq!(desk.granted(8), [1], "the held request is answered");
    assert_eq!(view(&desk).leased, 1, "one unit is out, twice");
    desk.own(7);
    assert_eq!(desk.want(7, 1), [], "a slot has one spare at most");
    // The first result fills the slot; the other copy is void, and late when it comes.
    assert_eq!(desk.give(8, 1, records('a')), Kept);
    assert_eq!(desk.settled(), [(1, merged('a'))]);
    assert_eq!(desk.cancelled(6), [lease(2, 0)]);
    assert_eq!(desk.give(6, 1, records('b')), Late);
    assert_eq!(desk.engine.leases(), 0);
}

#[test]
fn while_anything_else_is_there_no_copy_is_given_again() {
    let mut desk = begun(9, 1);
    desk.own(6);
    desk.want(6, 1);
    desk.tick(Millis(SLOW.0 * 10));
    for slice in 2..9 {
        assert_eq!(desk.want(8, 1), [slice]);
        desk.give(8, slice, records('a'));
    }
    assert_eq!(desk.want(8, 1), [1]);
}

#[test]
fn who_would_not_be_faster_gets_none() {
    let mut desk = begun(4, 1);
    // Host 7 has shown that it takes fifty times as long.
    desk.own(7);
    assert_eq!(desk.want(7, 1), [1]);
    desk.tick(Millis(USUAL.0 * 50));
    desk.give(7, 1, records('a'));
    desk.own(6);
    assert_eq!(desk.want(6, 1), [2]);
    assert_eq!(desk.want(8, 1), [3]);
    desk.give(8, 3, records('a'));
    desk.tick(Millis(SLOW.0 * 4));
    assert_eq!(desk.want(7, 1), [], "it needs longer than the copy is old");
    assert_eq!(desk.want(8, 1), [2]);
}

#[test]
fn a_host_that_vanished_is_replaced_long_before_its_deadline() {
    let mut desk = begun(2, 1);
    desk.own(6);
    desk.want(6, 1);
    desk.batch([Event::HostLost(host_id(6))]);
    desk.want(8, 1);
    desk.tick(SLOW);
    assert_eq!(desk.granted(8), [1]);
    desk.give(8, 1, records('a'));
    assert_eq!(desk.settled(), [(1, merged('a'))]);
}

/// Two strangers hold slice 1, host 1 has returned `a`, host 2 is slow and host 3 has its copy too.
fn strangers() -> Desk {
    let mut desk = begun(2, 1);
    desk.batch([Event::HostLost(host_id(8))]);
    for number in 1..=4 {
        desk.stranger(number);
    }
    assert_eq!((desk.want(1, 1), desk.want(2, 1)), (vec![1], vec![1]));
    desk.tick(USUAL);
    assert_eq!(desk.give(1, 1, records('a')), Kept);
    desk.tick(Millis(SLOW.0 * 2));
    assert_eq!(desk.want(3, 1), [1]);
    assert_eq!(desk.want(4, 1), []);
    desk
}

#[test]
fn a_strangers_slot_is_filled_by_whoever_is_first_and_by_nobody_else() {
    for (first, second) in [(3, 2), (2, 3)] {
        let mut desk = strangers();
        assert_eq!(desk.give(first, 1, records('b')), Kept);
        assert_eq!(desk.settled(), []);
        assert_eq!(desk.cancelled(second).len(), 1);
        let view = view(&desk);
        assert_eq!((view.checking, view.leased), (1, 1), "the third copy goes to who waited");
        assert_eq!(desk.granted(4), [1]);
        assert_eq!(desk.give(second, 1, records('b')), Late, "it is not voted");
        assert_eq!(desk.give(4, 1, records('a')), Kept);
        assert_eq!(desk.settled(), [(1, merged('a'))]);
    }
}

#[test]
fn a_spare_does_not_hold_a_verdict_up() {
    let mut desk = strangers();
    assert_eq!(desk.give(2, 1, records('a')), Kept);
    assert_eq!(desk.settled(), [(1, merged('a'))], "though host 3 holds a copy");
    assert_eq!(desk.cancelled(3).len(), 1);
}

#[test]
fn a_spare_of_the_same_account_is_given_to_nobody() {
    let mut desk = begun(2, 1);
    desk.batch([Event::HostLost(host_id(8))]);
    let account = AccountId(5);
    desk.connect(1, account, Standing::Stranger, &[]);
    desk.stranger(2);
    desk.connect(3, account, Standing::Stranger, &[]);
    desk.want(1, 1);
    desk.want(2, 1);
    desk.tick(Millis(SLOW.0 * 2));
    assert_eq!(desk.want(3, 1), [], "its account holds one of the two");
    desk.stranger(4);
    assert_eq!(desk.want(4, 1), [1]);
}

#[test]
fn when_one_copy_of_a_slot_ends_the_other_stays_and_may_get_a_spare_again() {
    let mut desk = begun(2, 1);
    desk.own(6);
    desk.own(7);
    desk.want(6, 1);
    desk.tick(SLOW);
    assert_eq!(desk.want(8, 1), [1]);
    let spare = desk.leased(8)[0].0;
    desk.batch([Event::Released { host: host_id(6), leases: vec![lease(2, 0)] }]);
    assert_eq!(view(&desk).leased, 1);
    assert_eq!(desk.want(7, 1), [], "the slot is still held, and its copy is young");
    desk.tick(SLOW);
    assert_eq!(desk.granted(7), [1]);
    desk.batch([Event::Released { host: host_id(8), leases: vec![spare] }]);
    assert_eq!(desk.give(7, 1, records('a')), Kept);
}

#[test]
fn two_own_copies_have_a_spare_each() {
    let mut desk = begun(2, 2);
    for number in 5..=7 {
        desk.own(number);
    }
    assert_eq!((desk.want(5, 1), desk.want(6, 1)), (vec![1], vec![1]));
    assert_eq!(desk.want(7, 1), []);
    desk.tick(SLOW);
    assert_eq!(desk.granted(7), [1]);
    assert_eq!(desk.want(8, 1), [1], "the other slot");
    assert_eq!(desk.want(9, 1), []);
    desk.give(8, 1, records('a'));
    assert_eq!(desk.settled(), [], "one slot of two is filled");
    assert_eq!(desk.cancelled(6), [lease(4, 0)], "the second oldest was host 8's");
    desk.give(5, 1, records('a'));
    assert_eq!(desk.settled(), [(1, merged('a'))]);
    assert_eq!(desk.engine.leases(), 0);
}

#[test]
fn of_one_unit_a_host_gets_one_spare_however_many_slots_are_slow() {
    let mut desk = begun(2, 2);
    desk.own(5);
    desk.own(6);
    desk.want(5, 1);
    desk.want(6, 1);
    desk.tick(SLOW);
    desk.threads = 8;
    desk.own(7);
    assert_eq!(desk.want(7, 8), [1]);
}

#[test]
fn further_copies_are_a_small_part_of_a_job() {
    let units = u32::try_from(SPARE_SHARE * (SPARES_LEAST + 3)).expect("small");
    let mut desk = begun(units, 1);
    desk.threads = 64;
    desk.own(6);
    let mut held = vec![];
    while held.len() + 1 < units as usize {
        held.extend(desk.want(6, 64));
        let more = held.len().saturating_sub(40);
        for slice in held.drain(..more) {
            desk.give(6, slice, records('a'));
        }
        desk.answer_reads();
        if desk.engine.job(JOB).expect("open").ready == 0 {
            break;
        }
    }
    desk.batch([Event::HostLost(host_id(6))]);
    desk.tick(Millis(SLOW.0 * 10));
    desk.own(7);
    assert_eq!(desk.want(7, 64).len(), SPARES_LEAST + 3);
    desk.own(5);
    assert_eq!(desk.want(5, 64), []);
}

#[test]
fn a_restart_knows_which_copies_fill_one_slot() {
    let desk = strangers();
    let JobView { row, .. } = view(&desk);
    let host = |number: u8| gleaner_engine::event::Host {
        id: host_id(number),
        account: AccountId(number.into()),
        standing: Standing::Stranger,
    };
    let vote = gleaner_engine::event::Vote { host: host(1), outcome: records('a') };
    let grants: Vec<GrantSnapshot> = [(3, 2), (4, 3)]
        .map(|(grant, number)| GrantSnapshot {
            grant: GrantId(grant),
            host: host(number),
            job: JOB,
            open: vec![(
                0,
                gleaner_engine::effect::Leased { slice: 1, docs: key(1).docs, slot: 1 },
            )],
        })
        .into();
    let units = vec![UnitSnapshot { unit: key(1), expiries: 0, results: vec![vote] }];
    let jobs = vec![JobSnapshot { job: JOB, row, units }];
    let snapshot = Snapshot { last_grant: Some(GrantId(4)), jobs, grants };
    let mut desk = Desk::of(Engine::restore(Time(0), snapshot).expect("sound"));
    desk.connect(2, AccountId(2), Standing::Stranger, &[lease(3, 0)]);
    assert_eq!(desk.give(2, 1, records('a')), Kept);
    assert_eq!(desk.settled(), [(1, merged('a'))]);
    assert!(desk.writes.contains(&Write::GrantEnd(GrantId(4))), "{:?}", desk.writes);
}
