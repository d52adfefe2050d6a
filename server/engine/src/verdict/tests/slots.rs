//! Slots: a copy that is leased twice counts as one copy, and gives one vote.

use alloc::vec;
use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, LeaseId};
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;

use super::{Verdict, digest, orders, policy, vote, winner};
use crate::unit::{Held, Trace, Unit};

/// A unit whose slots are out: each has one holder or two, and each holder its letter.
fn unit(slots: &[Vec<char>]) -> (Unit, Vec<(u8, char)>) {
    let mut unit = Unit::new(Trace::Row);
    let mut holders = vec![];
    for (slot, letters) in (0..).zip(slots) {
        for &letter in letters {
            let host = vote(holders.len(), letter).host;
            let grant = GrantId(u64::try_from(holders.len()).unwrap());
            let lease = LeaseId { grant, index: 0 };
            unit.held.push(Held { lease, host, slot, since: Time(0), rounds: 1 });
            holders.push((slot, letter));
        }
    }
    (unit, holders)
}

/// Lets holders return in this order; the others of a slot that is filled are gone.
fn returned_in(copies: u8, slots: &[Vec<char>], order: &[usize]) -> Option<char> {
    let (mut unit, holders) = unit(slots);
    let mut said = vec![];
    let mut settled = None;
    for &number in order {
        let (slot, letter) = holders[number];
        if !unit.held.iter().any(|held| held.lease.grant == GrantId(number as u64)) {
            continue;
        }
        unit.held.retain(|held| held.slot != slot);
        unit.votes.push(vote(number, letter));
        said.push(letter);
        let open = slots.len() - said.len();
        assert_eq!((unit.out().own, unit.out().strangers), (0, open), "{slots:?} {order:?}");
        // What the naive rule says if every slot that is open may still say anything.
        let mut padded = said.clone();
        padded.extend(core::iter::repeat_n('?', open));
        let safe = winner(copies, &padded).filter(|letter| *letter != '?');
        let verdict = match unit.judge(&policy(copies, 1)) {
            Verdict::Settled(settlement) => Some(settlement),
            Verdict::Open(_) => None,
        };
        let expected =
            safe.map(|letter| gleaner_shared::verdict::Settlement::Merged(digest(letter)));
        assert_eq!(verdict, expected, "{slots:?} {order:?} after {said:?}");
        assert!(settled.is_none_or(|before| Some(before) == safe), "{slots:?} {order:?}");
        settled = settled.or(safe);
    }
    assert_eq!(said.len(), slots.len(), "each slot has one vote, whoever holds it");
    settled
}

/// All ways in which `count` slots may be held by one or two hosts that say A or B.
fn ways(count: usize) -> Vec<Vec<Vec<char>>> {
    let of_one = ["A", "B", "AA", "AB", "BA", "BB"].map(|slot| slot.chars().collect::<Vec<_>>());
    let mut all = vec![vec![]];
    for _ in 0..count {
        all = all
            .iter()
            .flat_map(|slots| {
                of_one.iter().map(move |slot| {
                    let mut longer: Vec<Vec<char>> = slots.clone();
                    longer.push(slot.clone());
                    longer
                })
            })
            .collect();
    }
    all
}

/// All orders in which so many holders may return.
fn every_order(holders: usize) -> Vec<Vec<usize>> {
    let number = |digit: &char| digit.to_digit(10).unwrap() as usize;
    let all = orders(&"012345"[..holders]);
    all.iter().map(|order| order.iter().map(number).collect()).collect()
}

#[test]
fn a_copy_leased_twice_fills_one_slot_in_every_order() {
    for count in 1..=3 {
        for slots in ways(count) {
            let holders = slots.iter().map(Vec::len).sum::<usize>();
            for order in every_order(holders) {
                for copies in 1..=3 {
                    returned_in(copies, &slots, &order);
                }
            }
        }
    }
}

#[test]
fn if_both_holders_say_the_same_it_does_not_matter_who_is_first() {
    let alike = |slot: &Vec<char>| slot.iter().all(|letter| *letter == slot[0]);
    for slots in ways(2).into_iter().filter(|slots| slots.iter().all(alike)) {
        let single: Vec<Vec<char>> = slots.iter().map(|slot| vec![slot[0]]).collect();
        let expected = returned_in(2, &single, &[0, 1]);
        let holders = slots.iter().map(Vec::len).sum::<usize>();
        for order in every_order(holders) {
            assert_eq!(returned_in(2, &slots, &order), expected);
        }
    }
}

#[test]
fn own_hosts_and_strangers_have_slots_of_their_own() {
    let (mut unit, _) = unit(&["Aa".chars().collect(), "bb".chars().collect(), vec!['C']]);
    // The first slot cannot be held by both; what is counted is who holds it first.
    assert_eq!((unit.out().own, unit.out().strangers), (1, 2));
    assert_eq!(unit.free_slot(), 3);
    unit.held.retain(|held| held.slot != 1);
    assert_eq!((unit.out().own, unit.out().strangers, unit.free_slot()), (0, 2, 1));
    assert!(unit.is_touched_by(Standing::Own));
}
