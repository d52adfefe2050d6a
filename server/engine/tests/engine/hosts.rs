//! Connections, stated leases, bans, held requests.

use gleaner_engine::effect::Write;
use gleaner_engine::event::Event;
use gleaner_engine::view::LinkView;
use gleaner_shared::id::{AccountId, GrantId};
use gleaner_shared::limits::{GRANT_UNITS_MAX, HOST_LEASES_MAX};
use gleaner_shared::policy::Standing;
use gleaner_shared::verdict::Receipt;

use crate::desk::{Desk, host_id, key, lease, policy, records};

#[test]
fn what_a_host_does_not_state_is_freed_at_once() {
    let mut desk = Desk::with_job(9, policy(2, 1));
    desk.own(6);
    desk.own(7);
    desk.want(6, 3);
    desk.reconnect(6, &[lease(1, 1), lease(4, 0)]);
    assert_eq!(
        desk.writes,
        [
            Write::LeasesEnd { grant: GrantId(1), indices: vec![0, 2] },
            Write::UnitPut { unit: key(0), expiries: 0 },
            Write::UnitPut { unit: key(2), expiries: 0 },
        ]
    );
    assert_eq!(desk.cancelled(6), [lease(4, 0)], "a lease that we do not know");
    assert_eq!(desk.want(7, 2), [0, 2]);
}

#[test]
fn a_lost_hosts_leases_run_on_and_its_request_is_dropped() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.want(6, 1);
    desk.batch([Event::HostLost(host_id(6))]);
    assert_eq!(desk.engine.leases(), 1);
    desk.let_run_out();
    assert_eq!(desk.granted(6), [], "nobody is there to be told");
    assert_eq!(desk.engine.host(host_id(6)), None, "forgotten once it holds nothing");
}

#[test]
fn a_banned_host_loses_everything_until_it_connects_again() {
    let mut desk = Desk::with_job(4, policy(2, 1));
    desk.stranger(1);
    desk.want(1, 2);
    desk.batch([Event::HostBanned(host_id(1))]);
    assert_eq!(desk.engine.leases(), 0);
    assert_eq!(desk.want(1, 1), []);
    desk.batch([Event::Renewed { host: host_id(1), leases: vec![lease(1, 0)] }]);
    assert_eq!((desk.writes.len(), desk.tells.len()), (0, 0));
    assert_eq!(desk.give(1, 0, records('a')), Receipt::Late);
    desk.reconnect(1, &[]);
    assert_eq!(desk.want(1, 1), [0]);
}

#[test]
fn a_held_request_is_answered_when_work_appears() {
    let mut desk = Desk::empty();
    desk.own(6);
    assert_eq!(desk.want(6, 5), []);
    assert_eq!(desk.engine.host(host_id(6)).map(|host| host.link), Some(LinkView::Waiting));
    desk.open(crate::desk::JOB, 3, policy(2, 1));
    assert_eq!(desk.granted(6), [0, 1, 2]);
    assert_eq!(desk.want(6, 5), []);
}

#[test]
fn a_new_request_replaces_the_old_one() {
    let mut desk = Desk::empty();
    desk.own(6);
    desk.want(6, 5);
    desk.want(6, 1);
    desk.open(crate::desk::JOB, 3, policy(2, 1));
    assert_eq!(desk.granted(6), [0]);
}

#[test]
fn who_is_not_connected_gets_nothing() {
    let mut desk = Desk::with_job(3, policy(2, 1));
    assert_eq!(desk.want(8, 5), []);
    desk.own(8);
    assert_eq!(desk.granted(8), [], "what it asked before was not kept");
    assert_eq!(desk.want(8, 0), [], "nothing is what it asked for");
}

#[test]
fn no_grant_and_no_host_is_over_its_limit() {
    let slices = u32::try_from(HOST_LEASES_MAX + 10).expect("small");
    let mut desk = Desk::with_job(slices, policy(2, 1));
    desk.own(6);
    // As many threads as can be: nothing else bounds it.
    let mut held = 0;
    while held < HOST_LEASES_MAX {
        let got = desk.want(6, 500).len();
        assert_eq!(got, GRANT_UNITS_MAX);
        held += got;
    }
    assert_eq!(desk.want(6, 500), [], "full");
    desk.give(6, 0, records('a'));
    assert_eq!(desk.granted(6).len(), 1, "one came back, one goes out: it has threads for more");
}

#[test]
fn a_result_may_come_from_a_host_that_is_gone() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.batch([Event::HostLost(host_id(6))]);
    assert_eq!(desk.give(6, 0, records('a')), Receipt::Kept);
    assert_eq!(desk.engine.host(host_id(6)), None);
}

#[test]
fn who_shares_an_account_is_offered_a_unit_when_its_holder_has_moved() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.connect(1, AccountId(1), Standing::Stranger, &[]);
    desk.connect(2, AccountId(1), Standing::Stranger, &[]);
    assert_eq!(desk.want(1, 1), [0]);
    assert_eq!(desk.want(2, 1), [], "its account has a voice");
    desk.connect(1, AccountId(9), Standing::Stranger, &[lease(1, 0)]);
    desk.give(1, 0, records('a'));
    assert_eq!(desk.granted(2), [0], "its account has none any more");
}
