//! Which results count, what they are answered, and what is written for them.

use gleaner_engine::effect::Write;
use gleaner_shared::id::{AccountId, GrantId, JobId};
use gleaner_shared::limits::LEASE_DEFAULT;
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Receipt::{self, Gone, Kept, Late};
use gleaner_shared::verdict::{FailureClass, Outcome, Settlement, UnitFailure};

use crate::desk::{Desk, host_id, key, lease, merged, policy, records};

/// Steps such as `1:a` (host 1 returns a) with the receipt expected and what is settled, if anything.
/// Hosts 1 to 5 are strangers, 6 to 9 own; all asked for the one unit in this order before.
fn check(copies: (u8, u8), asking: &[u8], steps: &[(&str, Receipt, Option<Settlement>)]) {
    let mut desk = Desk::with_docs(1, 1, policy(copies.0, copies.1));
    for number in 1..=9 {
        if number < 6 { desk.stranger(number) } else { desk.own(number) }
    }
    for number in asking {
        desk.want(*number, 1);
    }
    for (step, receipt, settlement) in steps {
        let (number, letter) = step.split_once(':').expect("number:letter");
        let number = number.parse().expect("a host's number");
        let outcome = match letter {
            "!" => Outcome::Failed(FailureClass::Crashed),
            _ => records(letter.chars().next().expect("a letter")),
        };
        assert_eq!(desk.give(number, 0, outcome), *receipt, "{step} in {steps:?}");
        let settled = desk.settled().first().map(|(_, settlement)| *settlement);
        assert_eq!(settled, *settlement, "{step} in {steps:?}");
    }
}

#[test]
fn two_that_agree_settle() {
    check((2, 1), &[1, 2], &[("1:a", Kept, None), ("2:a", Kept, Some(merged('a')))]);
}

#[test]
fn one_host_has_one_voice() {
    check((2, 1), &[1, 2], &[("1:a", Kept, None), ("1:a", Kept, None), ("1:b", Kept, None)]);
}

#[test]
fn a_lie_only_delays() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    for number in 1..=3 {
        desk.stranger(number);
    }
    assert_eq!(desk.want(1, 1), [0]);
    assert_eq!(desk.want(2, 1), [0]);
    assert_eq!(desk.want(3, 1), [], "two copies are out, a third would be waste");
    desk.give(1, 0, records('b'));
    desk.give(2, 0, records('a'));
    assert_eq!(desk.granted(3), [0], "the held request gets the third copy");
    assert_eq!(desk.give(3, 0, records('a')), Kept);
    assert_eq!(desk.settled(), [(0, merged('a'))]);
}

#[test]
fn a_strangers_result_without_a_lease_is_late() {
    check((2, 1), &[1, 2], &[("3:a", Late, None), ("1:a", Kept, None), ("3:a", Late, None)]);
}

#[test]
fn a_result_after_the_settlement_is_late() {
    check((1, 1), &[1], &[("1:a", Kept, Some(merged('a'))), ("1:a", Late, None)]);
    check((2, 1), &[6], &[("6:a", Kept, Some(merged('a'))), ("7:b", Late, None)]);
}

#[test]
fn an_own_host_settles_alone_though_strangers_hold_copies() {
    check((2, 1), &[1, 2, 6], &[("1:b", Kept, None), ("6:a", Kept, Some(merged('a')))]);
    check((3, 1), &[1], &[("6:a", Kept, Some(merged('a'))), ("1:b", Late, None)]);
}

#[test]
fn two_own_hosts_that_differ_fail_the_unit() {
    let fault = Settlement::Failed(UnitFailure::NotDeterministic);
    check((2, 2), &[6, 7], &[("6:a", Kept, None), ("7:b", Kept, Some(fault))]);
}

#[test]
fn hosts_that_agree_on_the_failure_fail_the_unit() {
    let crash = Settlement::Failed(UnitFailure::App(FailureClass::Crashed));
    check((2, 1), &[1, 2], &[("1:!", Kept, None), ("2:!", Kept, Some(crash))]);
}

#[test]
fn what_was_never_leased_or_is_unknown_is_gone() {
    let mut desk = Desk::with_job(3, policy(2, 1));
    desk.own(6);
    assert_eq!(desk.want(6, 1), [0]);
    assert_eq!(desk.give(6, 1, records('a')), Gone);
    assert_eq!(desk.give(6, 99, records('a')), Gone);
    let other = UnitKey { job: JobId(5), ..key(0) };
    assert_eq!(desk.give_unit(6, other, records('a')), Gone);
}

#[test]
fn an_expired_copy_no_longer_counts_as_out() {
    let mut desk = Desk::with_job(1, policy(1, 1));
    desk.stranger(1);
    desk.stranger(2);
    desk.want(1, 1);
    desk.let_run_out();
    desk.want(2, 1);
    assert_eq!(desk.give(1, 0, records('b')), Late, "its lease has run out");
    assert_eq!(desk.give(2, 0, records('a')), Kept);
    assert_eq!(desk.settled(), [(0, merged('a'))]);
}

#[test]
fn strangers_wait_for_an_own_copy_until_it_runs_out() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    for number in [1, 2, 6] {
        if number < 6 {
            desk.stranger(number)
        } else {
            desk.own(number)
        }
        assert_eq!(desk.want(number, 1), [0]);
    }
    desk.give(1, 0, records('a'));
    desk.tick(Millis(LEASE_DEFAULT.0 - 1));
    desk.give(2, 0, records('a'));
    assert_eq!(desk.settled(), [], "the own host could outvote them");
    desk.tick(Millis(1));
    let settled = Write::UnitSettle { unit: key(0), settlement: merged('a'), by: None };
    assert!(desk.writes.contains(&settled), "{:?}", desk.writes);
}

#[test]
fn the_first_result_of_two_gets_its_unit_a_row() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.stranger(1);
    desk.want(1, 1);
    assert!(matches!(desk.writes[..], [Write::GrantInsert { .. }, Write::JobPut { .. }]));
    desk.give(1, 0, records('a'));
    let [Write::UnitPut { unit, expiries: 0 }, Write::ResultInsert { .. }, end] = &desk.writes[..]
    else {
        panic!("{:?}", desk.writes);
    };
    assert_eq!(*unit, key(0));
    assert_eq!(*end, Write::GrantEnd(GrantId(1)));
}

#[test]
fn a_unit_settled_at_once_never_had_a_row() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.give(6, 0, records('a'));
    let [
        Write::UnitSettle { unit, by: Some(vote), .. },
        Write::GrantEnd(_),
        Write::JobPut { row, .. },
    ] = &desk.writes[..]
    else {
        panic!("{:?}", desk.writes);
    };
    assert_eq!((*unit, vote.host.id, row.merged), (key(0), host_id(6), 1));
}

#[test]
fn a_settlement_voids_the_other_copies() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.stranger(1);
    desk.own(6);
    desk.want(1, 1);
    desk.want(6, 1);
    desk.give(6, 0, records('a'));
    assert_eq!(desk.cancelled(1), [lease(1, 0)]);
    assert!(desk.writes.contains(&Write::GrantEnd(GrantId(1))));
    assert_eq!(desk.engine.leases(), 0);
}

#[test]
fn one_account_has_one_voice() {
    let mut desk = Desk::with_job(2, policy(2, 1));
    let account = AccountId(50);
    desk.connect(1, account, Standing::Stranger, &[]);
    desk.connect(2, account, Standing::Stranger, &[]);
    assert_eq!(desk.want(1, 1), [0]);
    assert_eq!(desk.want(2, 2), [1], "the account has a copy of slice 0 already");
    desk.give(1, 0, records('a'));
    assert_eq!(desk.want(2, 2), [], "the account has a voice on both");
    // A host that comes under an account with a voice after it took the lease.
    desk.stranger(3);
    assert_eq!(desk.want(3, 1), [0]);
    desk.connect(3, account, Standing::Stranger, &[lease(3, 0)]);
    assert_eq!(desk.give(3, 0, records('a')), Late);
    assert_eq!(desk.settled(), []);
}

#[test]
fn an_own_hosts_late_result_counts() {
    let mut desk = Desk::with_job(1, policy(2, 1));
    desk.own(6);
    desk.want(6, 1);
    desk.let_run_out();
    assert_eq!(desk.give(6, 0, records('a')), Kept);
    assert_eq!(desk.settled(), [(0, merged('a'))]);
}

#[test]
fn without_majority_a_unit_ends() {
    let mut desk = Desk::with_docs(1, 1, policy(2, 1));
    let letters = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd', 'e'];
    for (number, letter) in (1..).zip(letters) {
        desk.stranger(number);
        desk.want(number, 1);
        assert_eq!(desk.give(number, 0, records(letter)), Kept);
    }
    assert_eq!(desk.settled(), [(0, Settlement::Failed(UnitFailure::NoMajority))]);
}
