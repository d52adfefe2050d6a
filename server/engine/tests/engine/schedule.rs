//! Which job and which units a request gets.

use gleaner_engine::event::Event;
use gleaner_shared::id::{AccountId, JobId};
use gleaner_shared::limits::PASSED_OVER_MAX;
use gleaner_shared::policy::Standing;

use crate::desk::{Desk, host_id, policy, records};

#[test]
fn a_grant_is_of_one_job() {
    let mut desk = Desk::empty();
    desk.open(JobId(1), 2, policy(2, 1));
    desk.open(JobId(2), 2, policy(2, 1));
    desk.own(6);
    assert_eq!(desk.want(6, 9).len(), 2);
    assert_eq!(desk.want(6, 9).len(), 2);
}

#[test]
fn strangers_second_copies_come_before_fresh_slices() {
    let mut desk = Desk::with_job(4, policy(2, 1));
    desk.stranger(1);
    desk.stranger(2);
    assert_eq!(desk.want(1, 2), [0, 1]);
    assert_eq!(desk.want(2, 3), [0, 1, 2]);
    assert_eq!(desk.want(1, 9), [2, 3]);
}

#[test]
fn own_hosts_take_fresh_slices_before_what_strangers_hold() {
    let mut desk = Desk::with_job(3, policy(2, 1));
    desk.stranger(1);
    desk.own(6);
    assert_eq!(desk.want(1, 2), [0, 1]);
    assert_eq!(desk.want(6, 2), [2, 0]);
    assert_eq!(desk.want(6, 9), [1], "the first result never waits for a stranger");
}

#[test]
fn what_an_own_host_computes_is_not_given_to_strangers() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.stranger(1);
    desk.want(6, 1);
    assert_eq!(desk.want(1, 1), []);
    desk.let_run_out();
    assert_eq!(desk.granted(1), [0], "until its lease has run out");
}

#[test]
fn own_copies_are_of_distinct_own_hosts() {
    let mut desk = Desk::with_job(1, policy(2, 2));
    desk.own(6);
    desk.own(7);
    assert_eq!(desk.want(6, 1), [0]);
    desk.give(6, 0, records('a'));
    assert_eq!(desk.want(6, 1), [], "it has a voice there");
    assert_eq!(desk.want(7, 1), [0]);
    desk.give(7, 0, records('a'));
    assert_eq!(desk.settled().len(), 1);
}

#[test]
fn a_waiting_host_gets_what_another_ones_grant_opens() {
    let mut desk = Desk::with_job(0, policy(2, 1));
    desk.stranger(1);
    desk.stranger(2);
    desk.want(2, 1);
    desk.open(JobId(2), 1, policy(2, 1));
    assert_eq!(desk.granted(2), [0]);
    assert_eq!(desk.want(1, 1), [0], "the second copy, at once");
    assert_eq!(desk.want(2, 1), []);
}

#[test]
fn a_host_that_has_passed_many_units_still_finds_its_own() {
    // One account has a voice in more units than one look passes over.
    let many = u16::try_from(PASSED_OVER_MAX).expect("small") + 100;
    let mut desk = Desk::with_job(u32::from(many), policy(2, 1));
    desk.connect(1, AccountId(7), Standing::Stranger, &[]);
    for _ in 0..many {
        let slices = desk.want(1, 1);
        desk.answer_reads();
        desk.give(1, slices[0], records('a'));
    }
    desk.stranger(3);
    assert_eq!(desk.want(3, 1), [0]);
    // The unit of slice 0 is now wanted again, at the end of the line.
    desk.give(3, 0, records('b'));
    desk.connect(2, AccountId(7), Standing::Stranger, &[]);
    assert_eq!(desk.want(2, 1), [], "nothing for this account");
    assert_eq!(desk.engine.next_deadline(), Some(desk.now), "its look was cut short");
    desk.batch([Event::Ticked]);
    assert_eq!(desk.engine.next_deadline(), None, "it has seen everything");
    desk.stranger(4);
    assert_eq!(desk.want(4, 1), [1]);
    desk.batch([Event::HostLost(host_id(4))]);
}
