//! What happens when: a queue in virtual time. What is due at the same time happens in the order in
//! which it was put in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gleaner_shared::measure::{Millis, Time};

/// Things that will happen.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    now: Time,
    last: u64,
    heap: BinaryHeap<Reverse<Due<T>>>,
}

#[derive(Debug)]
struct Due<T> {
    at: Time,
    number: u64,
    what: T,
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T> Eq for Due<T> {}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Self { now: Time(0), last: 0, heap: BinaryHeap::new() }
    }

    pub(crate) fn now(&self) -> Time {
        self.now
    }

    pub(crate) fn put(&mut self, after: Millis, what: T) {
        self.last += 1;
        let due = Due { at: self.now + after, number: self.last, what };
        self.heap.push(Reverse(due));
    }

    /// What is next, and when.
    pub(crate) fn peek(&self) -> Option<(Time, &T)> {
        self.heap.peek().map(|Reverse(due)| (due.at, &due.what))
    }

    /// Goes on to the next thing.
    pub(crate) fn take(&mut self) -> Option<T> {
        let Reverse(due) = self.heap.pop()?;
        self.now = due.at;
        Some(due.what)
    }
}
