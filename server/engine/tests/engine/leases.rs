//! Deadlines, renewals, hand-backs and the rows that they leave.

use gleaner_engine::effect::Write;
use gleaner_engine::event::Event;
use gleaner_shared::id::GrantId;
use gleaner_shared::limits::{LEASE_DEFAULT, LEASE_RENEWALS_MAX, UNIT_EXPIRIES_MAX};
use gleaner_shared::measure::Millis;
use gleaner_shared::verdict::{Settlement, UnitFailure};

use crate::desk::{Desk, host_id, key, lease, policy, records};

fn renew(desk: &mut Desk, number: u8, leases: Vec<gleaner_shared::id::LeaseId>) {
    desk.batch([Event::Renewed { host: host_id(number), leases }]);
}

#[test]
fn a_lease_ends_at_its_deadline_not_before() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    assert_eq!(desk.engine.next_deadline(), Some(desk.now + LEASE_DEFAULT));
    desk.tick(Millis(LEASE_DEFAULT.0 - 1));
    assert_eq!(desk.engine.leases(), 1);
    desk.tick(Millis(1));
    assert_eq!(desk.engine.leases(), 0);
    assert_eq!(desk.cancelled(6), [lease(1, 0)]);
    assert_eq!(
        desk.writes,
        [Write::GrantEnd(GrantId(1)), Write::UnitPut { unit: key(0), expiries: 1 }]
    );
    assert_eq!(desk.engine.next_deadline(), None);
}

#[test]
fn any_event_lets_leases_run_out() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.own(7);
    desk.want(6, 1);
    desk.now = desk.now + LEASE_DEFAULT;
    assert_eq!(desk.want(7, 1), [0]);
}

#[test]
fn a_renewed_lease_lives_on_but_not_for_ever() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    for _ in 0..LEASE_RENEWALS_MAX {
        desk.tick(Millis(LEASE_DEFAULT.0 - 1));
        renew(&mut desk, 6, vec![lease(1, 0)]);
        assert_eq!(desk.engine.leases(), 1);
    }
    desk.tick(Millis(LEASE_DEFAULT.0 - 1));
    renew(&mut desk, 6, vec![lease(1, 0)]);
    desk.tick(Millis(1));
    assert_eq!(desk.engine.leases(), 0);
}

#[test]
fn a_lease_that_is_not_the_hosts_is_cancelled_not_renewed() {
    let mut desk = Desk::with_job(2, policy(2, 1));
    desk.own(6);
    desk.own(7);
    desk.want(6, 1);
    desk.tick(Millis(LEASE_DEFAULT.0 - 1));
    renew(&mut desk, 7, vec![lease(1, 0), lease(9, 3)]);
    assert_eq!(desk.cancelled(7), [lease(1, 0), lease(9, 3)]);
    desk.tick(Millis(1));
    assert_eq!(desk.engine.leases(), 0, "the other host's renewal changed nothing");
}

#[test]
fn what_is_handed_back_is_ready_again_before_fresh_slices() {
    let mut desk = Desk::with_job(9, policy(2, 1));
    desk.own(6);
    desk.own(7);
    assert_eq!(desk.want(6, 3), [0, 1, 2]);
    desk.batch([Event::Released { host: host_id(6), leases: vec![lease(1, 1)] }]);
    assert_eq!(
        desk.writes,
        [
            Write::LeasesEnd { grant: GrantId(1), indices: vec![1] },
            Write::UnitPut { unit: key(1), expiries: 0 }
        ]
    );
    assert_eq!(desk.want(7, 2), [1, 3]);
    desk.batch([Event::Released { host: host_id(7), leases: vec![lease(1, 0), lease(2, 7)] }]);
    assert_eq!(desk.writes, [], "not its leases");
}

#[test]
fn a_grant_goes_when_its_last_lease_ends_however() {
    let mut desk = Desk::with_job(9, policy(2, 1));
    desk.own(6);
    desk.want(6, 3);
    desk.give(6, 0, records('a'));
    desk.batch([Event::Released { host: host_id(6), leases: vec![lease(1, 1)] }]);
    assert!(!desk.writes.contains(&Write::GrantEnd(GrantId(1))));
    desk.give(6, 2, records('a'));
    assert!(desk.writes.contains(&Write::GrantEnd(GrantId(1))));
}

#[test]
fn a_unit_that_nobody_returns_is_given_up() {
    let mut desk = Desk::with_docs(1, 1, policy(2, 1));
    desk.own(6);
    for round in 1..=UNIT_EXPIRIES_MAX {
        assert_eq!(desk.want(6, 1), [0], "round {round}");
        desk.let_run_out();
    }
    assert_eq!(desk.settled(), [(0, Settlement::Failed(UnitFailure::Expired))]);
    assert_eq!(desk.want(6, 1), []);
}

#[test]
fn a_copy_that_runs_out_while_another_is_held_needs_no_new_lease_of_it() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.stranger(1);
    desk.stranger(2);
    desk.stranger(3);
    desk.want(1, 1);
    desk.tick(Millis(1));
    desk.want(2, 1);
    desk.tick(Millis(LEASE_DEFAULT.0 - 1));
    assert_eq!(desk.engine.leases(), 1);
    assert!(desk.writes.contains(&Write::UnitPut { unit: key(0), expiries: 1 }));
    assert_eq!(desk.want(3, 1), [0], "the second copy is wanted again");
}

#[test]
fn time_that_goes_backwards_stands_still() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.tick(Millis(5_000));
    let before = desk.now;
    desk.now = gleaner_shared::measure::Time(3);
    desk.want(6, 1);
    assert_eq!(desk.engine.next_deadline(), Some(before + LEASE_DEFAULT));
}
