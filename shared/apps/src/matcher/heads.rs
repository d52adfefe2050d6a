//! Which keys begin with a head: a hash table from heads to ranges of the sorted keys.

use core::ops::RangeInclusive;
use std::collections::BTreeMap;

use super::{Folded, head_at};
use crate::dictionary::Strings;
use crate::text::Span;

/// A hash table with open addresses, at most half full.
#[derive(Debug)]
pub(crate) struct Heads {
    slots: Vec<Slot>,
    /// For each byte, whether a key begins with it.
    first_bytes: [bool; 256],
}

/// All keys with one head lie in `first..=last`; others may lie between them. Two heads with the
/// same hash have a slot each.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    first: u32,
    last: u32,
}

/// `first` is after `last`.
const EMPTY: Slot = Slot { hash: 0, first: 1, last: 0 };

impl Slot {
    fn is_empty(&self) -> bool {
        self.first > self.last
    }
}

impl Heads {
    /// Of sorted keys.
    pub(crate) fn of(keys: &Strings) -> Self {
        let mut ranges: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        let mut first_bytes = [false; 256];
        for (index, key) in (0_u32..).zip(keys.iter()) {
            let head = head_at(key, 0, key.len()).span.of(key);
            ranges.entry(head).or_insert((index, index)).1 = index;
            first_bytes[usize::from(key.as_bytes()[0])] = true;
        }
        let len = (2 * ranges.len()).next_power_of_two();
        let mut heads = Self { slots: vec![EMPTY; len.max(2)], first_bytes };
        let mut folded = Folded::default();
        for (head, (first, last)) in ranges {
            folded.set(head);
            heads.insert(Slot { hash: folded.hash(Span::whole(head)), first, last });
        }
        heads
    }

    fn insert(&mut self, slot: Slot) {
        let mut place = self.place(slot.hash);
        while !self.slots[place].is_empty() {
            place = self.next(place);
        }
        self.slots[place] = slot;
    }

    /// The ranges of keys whose head may have this hash; nearly always one or none.
    #[inline]
    pub(crate) fn ranges(&self, hash: u32) -> impl Iterator<Item = RangeInclusive<usize>> {
        let mut place = self.place(hash);
        core::iter::from_fn(move || {
            let slot = self.slots[place];
            place = self.next(place);
            (!slot.is_empty()).then_some(slot)
        })
        .filter(move |slot| slot.hash == hash)
        .map(|slot| slot.first as usize..=slot.last as usize)
    }

    /// Whether a key begins with a byte.
    #[inline]
    pub(crate) fn begins_with(&self, byte: u8) -> bool {
        self.first_bytes[usize::from(byte)]
    }

    #[inline]
    fn place(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}
