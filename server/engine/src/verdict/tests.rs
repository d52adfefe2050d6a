//! The verdict rule, tried on every order of arrival, every expiry and every mix of standings.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use gleaner_shared::id::{AccountId, Digest, HostId};
use gleaner_shared::limits::UNIT_RESULTS_MAX;
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::verdict::{FailureClass, Outcome, Settlement, UnitFailure};

use super::{Out, Verdict, Wants, judge};
use crate::event::{Host, Vote};

mod slots;

/// Letters are digests, `!` is a crash; a capital is a stranger's, a small letter an own host's.
fn vote(number: usize, letter: char) -> Vote {
    let standing = if letter.is_lowercase() { Standing::Own } else { Standing::Stranger };
    let outcome = match letter {
        '!' => Outcome::Failed(FailureClass::Crashed),
        _ => Outcome::Records(digest(letter)),
    };
    let number = u8::try_from(number).unwrap();
    let id = HostId([number; 32]);
    Vote { host: Host { id, account: AccountId(u64::from(number)), standing }, outcome }
}

fn digest(letter: char) -> Digest {
    Digest([u8::try_from(letter.to_ascii_uppercase()).unwrap(); 32])
}

fn votes(letters: &str) -> Vec<Vote> {
    letters.chars().enumerate().map(|(number, letter)| vote(number, letter)).collect()
}

fn policy(copies: u8, own_copies: u8) -> Policy {
    Policy { copies, own_copies, ..Policy::default() }
}

fn merged(letter: char) -> Verdict {
    Verdict::Settled(Settlement::Merged(digest(letter)))
}

fn failed(why: UnitFailure) -> Verdict {
    Verdict::Settled(Settlement::Failed(why))
}

fn wants(own: usize, strangers: usize) -> Verdict {
    Verdict::Open(Wants { own, strangers })
}

/// `copies/own_copies`, votes so far, own and strangers' copies that are out.
#[track_caller]
fn check(copies: (u8, u8), letters: &str, out: (usize, usize), expected: Verdict) {
    let out = Out { own: out.0, strangers: out.1 };
    assert_eq!(judge(&policy(copies.0, copies.1), &votes(letters), out), expected, "{letters}");
}

#[test]
fn a_fresh_unit_wants_what_its_policy_says() {
    check((2, 1), "", (0, 0), wants(1, 2));
    check((3, 2), "", (0, 0), wants(2, 3));
    check((2, 1), "", (0, 1), wants(1, 1));
    check((2, 1), "", (1, 0), wants(0, 0));
    check((3, 2), "", (1, 0), wants(1, 0));
}

#[test]
fn half_is_no_majority() {
    check((2, 1), "AABB", (0, 0), wants(1, 1));
    check((2, 1), "AABBC", (0, 0), wants(1, 2));
    check((2, 1), "AA", (0, 2), wants(1, 0));
    check((1, 1), "AB", (0, 0), wants(1, 1));
}

#[test]
fn a_lie_only_delays() {
    check((2, 1), "BA", (0, 0), wants(1, 1));
    check((2, 1), "BAA", (0, 0), merged('A'));
    check((2, 1), "B", (0, 1), wants(1, 0));
}

#[test]
fn the_least_number_that_could_decide_is_asked_for() {
    check((2, 1), "AB", (0, 0), wants(1, 1));
    check((2, 1), "ABC", (0, 0), wants(1, 2));
    check((2, 1), "ABCD", (0, 0), wants(1, 3));
    check((3, 1), "AAB", (0, 0), wants(1, 1));
    check((5, 1), "ABCDE", (0, 0), wants(1, 4));
    check((5, 1), "ABCDEFG", (0, 0), wants(1, 2));
    check((5, 1), "ABCDEFG", (0, 1), wants(1, 1));
}

#[test]
fn a_failure_is_a_result_too() {
    check((2, 1), "!!", (0, 0), failed(UnitFailure::App(FailureClass::Crashed)));
    check((2, 1), "!A", (0, 0), wants(1, 1));
}

#[test]
fn an_own_result_settles_alone_and_outvotes_strangers() {
    check((2, 1), "a", (0, 0), merged('A'));
    check((2, 1), "BBa", (0, 3), merged('A'));
    check((2, 2), "a", (0, 0), wants(1, 2));
    check((2, 2), "aa", (0, 2), merged('A'));
    check((2, 1), "BBB", (1, 0), wants(0, 0));
}

#[test]
fn two_own_results_that_differ_fail_the_unit() {
    check((2, 2), "ab", (0, 0), failed(UnitFailure::NotDeterministic));
    check((2, 3), "abAA", (1, 3), failed(UnitFailure::NotDeterministic));
    check((2, 1), "ab", (0, 0), failed(UnitFailure::NotDeterministic));
}

#[test]
fn strangers_confirm_an_own_result_but_never_overrule_it() {
    check((2, 2), "aAA", (0, 0), merged('A'));
    check((2, 2), "aBB", (0, 0), wants(1, 3));
    check((2, 2), "aBBAAA", (0, 0), merged('A'));
}

#[test]
fn without_a_majority_it_ends_at_the_limit() {
    check((2, 1), "AABBCCDD", (0, 0), wants(1, 1));
    check((2, 1), "AABBCCDDE", (0, 0), failed(UnitFailure::NoMajority));
    check((2, 1), "AABBCCDDE", (1, 0), wants(0, 0));
    check((2, 1), "AAAAABBCC", (0, 0), merged('A'));
}

/// All distinct orders of some letters.
fn orders(letters: &str) -> BTreeSet<Vec<char>> {
    let mut found = BTreeSet::from([vec![]]);
    let all: Vec<char> = letters.chars().collect();
    for _ in 0..all.len() {
        let mut longer = BTreeSet::new();
        for order in found {
            for &letter in &all {
                let used = order.iter().filter(|other| **other == letter).count();
                if used < all.iter().filter(|other| **other == letter).count() {
                    let mut order: Vec<char> = order.clone();
                    order.push(letter);
                    longer.insert(order);
                }
            }
        }
        found = longer;
    }
    found
}

/// What the rule says of a whole set of strangers' results, written naively.
fn winner(copies: u8, letters: &[char]) -> Option<char> {
    let count = |letter| letters.iter().filter(|other| **other == letter).count();
    letters
        .iter()
        .copied()
        .find(|&letter| count(letter) >= usize::from(copies) && 2 * count(letter) > letters.len())
}

const SETS: [&str; 6] = ["BBGGG", "BBG", "BGGB", "AABBC", "AAABBC", "ABCDE"];

#[test]
fn neither_order_nor_expiry_decides() {
    for (copies, letters) in [1, 2, 3, 5].into_iter().flat_map(|n| SETS.map(|set| (n, set))) {
        for order in orders(letters) {
            for expired in 0..=order.len() {
                for early in [true, false] {
                    all_out_at_once(copies, &order, expired, early);
                }
            }
        }
    }
}

/// All copies are out; the first `expired` never return, which shows before or after the others do.
fn all_out_at_once(copies: u8, order: &[char], expired: usize, early: bool) {
    let returned = &order[expired..];
    let mut out = if early { returned.len() } else { order.len() };
    let mut heard = Vec::new();
    let mut first = None;
    let mut step = |heard: &[Vote], out| {
        if let Verdict::Settled(settlement) =
            judge(&policy(copies, 1), heard, Out { own: 0, strangers: out })
        {
            assert_eq!(*first.get_or_insert(settlement), settlement, "{order:?} {copies}");
        }
    };
    for (number, letter) in returned.iter().enumerate() {
        heard.push(vote(number, *letter));
        out -= 1;
        step(&heard, out);
    }
    while out > 0 {
        out -= 1;
        step(&heard, out);
    }
    let expected = winner(copies, returned).map(|letter| Settlement::Merged(digest(letter)));
    assert_eq!(first, expected, "{order:?} with {expired} expired at {copies} copies");
}

/// Copies are given as they are wanted, to hosts in a fixed order; answers come in any order.
fn every_end(copies: u8, hosts: &[char]) -> BTreeSet<Option<Settlement>> {
    struct State {
        heard: Vec<usize>,
        out: BTreeSet<usize>,
        asked: usize,
    }
    let mut ends = BTreeSet::new();
    let mut open = vec![State { heard: vec![], out: BTreeSet::new(), asked: 0 }];
    while let Some(mut state) = open.pop() {
        let heard: Vec<Vote> = state.heard.iter().map(|n| vote(*n, hosts[*n])).collect();
        let out = Out { own: 0, strangers: state.out.len() };
        match judge(&policy(copies, 1), &heard, out) {
            Verdict::Settled(settlement) => {
                ends.insert(Some(settlement));
                continue;
            }
            Verdict::Open(wants) => {
                let until = hosts.len().min(state.asked + wants.strangers);
                state.out.extend(state.asked..until);
                state.asked = until;
            }
        }
        if state.out.is_empty() {
            ends.insert(None);
        }
        for &next in &state.out {
            let mut heard = state.heard.clone();
            heard.push(next);
            let out = state.out.iter().copied().filter(|other| *other != next).collect();
            open.push(State { heard, out, asked: state.asked });
        }
    }
    ends
}

#[test]
fn who_is_asked_matters_but_not_who_answers_first() {
    for (copies, letters) in [2, 3].into_iter().flat_map(|n| SETS.map(|set| (n, set))) {
        for hosts in orders(letters) {
            let ends = every_end(copies, &hosts);
            assert_eq!(ends.len(), 1, "{hosts:?} at {copies}: {ends:?}");
        }
    }
}

#[test]
fn nothing_is_ever_merged_without_quorum_and_majority() {
    // Every sequence of up to six results of three kinds, every number of copies out.
    for length in 0..=6_u32 {
        for code in 0..3_usize.pow(length) {
            let letters: Vec<char> =
                (0..length).map(|at| ['A', 'B', '!'][code / 3_usize.pow(at) % 3]).collect();
            let heard: Vec<Vote> =
                letters.iter().enumerate().map(|(number, letter)| vote(number, *letter)).collect();
            for out in 0..4 {
                let verdict = judge(&policy(2, 1), &heard, Out { own: 0, strangers: out });
                let mut padded = letters.clone();
                padded.extend(core::iter::repeat_n('?', out));
                let safe = winner(2, &padded).filter(|letter| *letter != '?');
                assert_eq!(matches!(verdict, Verdict::Settled(_)), safe.is_some(), "{letters:?}");
            }
        }
    }
}

#[test]
fn no_more_results_are_asked_for_than_the_limit() {
    for copies in 1..=5 {
        for given in 0..=UNIT_RESULTS_MAX {
            for out in 0..=(UNIT_RESULTS_MAX - given) {
                let heard: Vec<Vote> =
                    (0..given).map(|number| vote(number, ['A', 'B', 'C'][number % 3])).collect();
                let out = Out { own: 0, strangers: out };
                if let Verdict::Open(wants) = judge(&policy(copies, 1), &heard, out) {
                    assert!(given + out.strangers + wants.strangers <= UNIT_RESULTS_MAX);
                    assert!(wants.strangers + out.strangers > 0, "{given} at {copies} is stuck");
                }
            }
        }
    }
}
