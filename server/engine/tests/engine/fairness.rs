//! Jobs share by their weights, accounts by what they hold, hosts by what they can do.

use gleaner_engine::effect::Tell;
use gleaner_engine::event::Event;
use gleaner_shared::id::{AccountId, JobId};
use gleaner_shared::limits::{GRANT_SPAN, START_ROUNDS};
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::{Policy, Standing};

use crate::desk::{Desk, JOB, host_id, policy, records};

/// A desk with jobs of these weights, numbered from 1, of 900 slices each.
fn sharing(weights: &[u8]) -> Desk {
    let mut desk = Desk::empty();
    for (job, &priority) in (1..).zip(weights) {
        desk.open(JobId(job), 900, Policy { priority, ..policy(2, 1) });
    }
    desk
}

/// How many units of each of the first jobs one host gets in so many grants.
fn shares(desk: &mut Desk, jobs: usize, grants: usize, units: u16) -> Vec<usize> {
    let mut shares = vec![0; jobs];
    for _ in 0..grants {
        desk.want(6, units);
        for (lease, unit) in desk.leased(6) {
            shares[unit.job.0 as usize - 1] += 1;
            desk.batch([Event::Released { host: host_id(6), leases: vec![lease] }]);
        }
        desk.answer_reads();
    }
    shares
}

#[test]
fn units_are_shared_by_weight_whatever_the_grants_are() {
    for units in [1, 3, 8] {
        let mut desk = sharing(&[1, 3]);
        desk.own(6);
        let got = shares(&mut desk, 2, 80, units);
        let all: usize = got.iter().sum();
        assert!(got[0].abs_diff(all / 4) <= usize::from(units), "{got:?} in grants of {units}");
    }
    let mut desk = sharing(&[1, 1, 2, 100]);
    desk.own(6);
    assert_eq!(shares(&mut desk, 4, 104, 1), [1, 1, 2, 100]);
}

#[test]
fn who_was_idle_or_paused_gets_no_burst() {
    let mut desk = sharing(&[1, 1]);
    desk.own(6);
    desk.batch([Event::JobPaused(JOB)]);
    assert_eq!(shares(&mut desk, 2, 50, 2), [0, 100]);
    desk.batch([Event::JobResumed(JOB)]);
    let got = shares(&mut desk, 2, 10, 2);
    assert!(got[0].abs_diff(got[1]) <= 4, "{got:?} after a pause: a grant more at most");
    desk.open(JobId(3), 900, policy(2, 1));
    let got = shares(&mut desk, 3, 30, 2);
    assert!(got.iter().all(|share| share.abs_diff(20) <= 4), "{got:?} with a new job");
}

#[test]
fn the_account_with_the_fewest_leases_is_served_first() {
    let mut desk = Desk::empty();
    for (number, account) in [(1, 7), (2, 7), (3, 7), (4, 8)] {
        desk.connect(number, AccountId(account), Standing::Stranger, &[]);
    }
    desk.own(6);
    for number in [1, 2, 3, 4, 6] {
        desk.want(number, 2);
    }
    desk.open(JOB, 5, policy(1, 1));
    let first: Vec<_> = desk
        .tells
        .iter()
        .filter_map(|tell| match tell {
            Tell::Grant { host, units, .. } => Some((host.0[0], units.len())),
            _ => None,
        })
        .collect();
    assert_eq!(first, [(6, 2), (1, 2), (4, 1)], "own hosts, then each account once");
    // Of what comes back the account with less gets the next.
    let held: Vec<_> = desk.leased(6).into_iter().map(|(lease, _)| lease).collect();
    desk.want(4, 2);
    desk.batch([Event::Released { host: host_id(6), leases: held }]);
    assert_eq!((desk.granted(4).len(), desk.granted(2).len()), (2, 0), "account 7 has two");
}

#[test]
fn a_host_that_nothing_is_known_of_starts_small_and_grows_with_what_it_does() {
    let mut desk = Desk::with_job(900, policy(2, 1));
    desk.threads = 2;
    desk.own(6);
    let first = desk.want(6, 64);
    assert_eq!(first.len(), 2 * START_ROUNDS);
    assert_eq!(desk.want(6, 64), [], "no more before something came back");
    desk.tick(Millis(100));
    desk.give(6, first[0], records('a'));
    assert_eq!(desk.granted(6).len(), 64, "two threads at 100 ms each could do far more");
}

#[test]
fn a_slow_host_holds_what_it_does_in_the_span_and_at_least_its_threads() {
    let held = |round: Millis| {
        let mut desk = Desk::with_job(900, policy(2, 1));
        desk.threads = 2;
        desk.own(6);
        let mut slices = desk.want(6, 64);
        for _ in 0..40 {
            desk.tick(round);
            for slice in slices.drain(..2).collect::<Vec<_>>() {
                desk.give(6, slice, records('a'));
                slices.extend(desk.granted(6));
            }
            let more = desk.want(6, 64);
            slices.extend(more);
            desk.answer_reads();
        }
        slices.len()
    };
    // Little room waits until it is a quarter.
    assert!((14..=18).contains(&held(Millis(GRANT_SPAN.0 / 10 + 1_000))));
    assert_eq!(held(Millis(GRANT_SPAN.0 * 3)), 2);
}

#[test]
fn a_grant_waits_until_it_is_worth_a_message_unless_a_thread_idles() {
    let mut desk = Desk::with_job(900, policy(2, 1));
    desk.threads = 4;
    desk.own(6);
    let first = desk.want(6, 64);
    desk.tick(Millis(GRANT_SPAN.0 / 10));
    desk.give(6, first[0], records('a'));
    let mut held: Vec<u32> = first[1..].to_vec();
    held.extend(desk.want(6, 64));
    assert_eq!(held.len(), 4 * 10, "ten rounds fit into the span");
    assert_eq!(desk.want(6, 64), []);
    let mut returned = held.into_iter().map(|slice| {
        desk.tick(Millis(GRANT_SPAN.0 / 40));
        desk.give(6, slice, records('a'));
        desk.granted(6).len()
    });
    let granted = returned.find(|units| *units > 0);
    assert!(granted >= Some(8), "{granted:?} when about a quarter is free");
    // Units that take longer than the span: as many as it has threads, each as soon as one idles.
    let mut desk = Desk::with_job(900, policy(2, 1));
    desk.threads = 4;
    desk.own(6);
    let first = desk.want(6, 4);
    desk.tick(Millis(GRANT_SPAN.0 * 2));
    desk.give(6, first[0], records('a'));
    assert_eq!(desk.want(6, 4).len(), 1);
}

#[test]
fn the_end_of_a_job_is_shared_among_all_hosts() {
    let mut desk = Desk::with_job(64, policy(2, 1));
    desk.threads = 1;
    for number in 0..4 {
        desk.own(number);
    }
    // All are known to be fast.
    let mut got = [0_usize; 4];
    for number in 0..4 {
        let slices = desk.want(number, 1);
        desk.tick(Millis(1));
        desk.give(number, slices[0], records('a'));
    }
    for number in 0..4 {
        got[usize::from(number)] = desk.want(number, 64).len();
    }
    assert_eq!(got, [8, 7, 6, 5], "an eighth of what is left each");
    assert_eq!(desk.want(3, 64).len(), 0, "it holds its part");
}
