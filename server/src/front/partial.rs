//! The beginnings of results that were cut on their way: a host that delivers again sends the rest.
//!
//! In memory only: nothing here was acknowledged. The oldest go when they are too many.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::limits::PARTIAL_BYTES_MAX;

/// Which result, as one host packed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartialKey {
    pub(crate) host: HostId,
    pub(crate) digest: Digest,
    pub(crate) len: u32,
}

/// A result as far as it has come.
type Begun = (PartialKey, Vec<u8>);

/// Beginnings, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partials(Arc<Mutex<VecDeque<Begun>>>);

impl Partials {
    /// Takes what there is of a result.
    pub(crate) fn take(&self, key: PartialKey) -> Vec<u8> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(other, _)| *other == key);
        found.and_then(|at| kept.remove(at)).map(|(_, bytes)| bytes).unwrap_or_default()
    }

    /// Keeps what has come of a result.
    pub(crate) fn keep(&self, key: PartialKey, bytes: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((key, bytes));
        let mut total: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while total > PARTIAL_BYTES_MAX {
            let Some((_, oldest)) = kept.pop_front() else { return };
            total -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(host: u8) -> PartialKey {
        PartialKey { host: HostId([host; 32]), digest: Digest([7; 32]), len: 100 }
    }

    #[test]
    fn a_beginning_is_taken_once_and_only_by_its_host() {
        let partials = Partials::default();
        partials.keep(key(1), vec![1, 2, 3]);
        assert_eq!(partials.take(key(2)), Vec::<u8>::new());
        assert_eq!(partials.take(key(1)), [1, 2, 3]);
        assert_eq!(partials.take(key(1)), Vec::<u8>::new());
    }

    #[test]
    fn the_oldest_go_when_they_are_too_many() {
        let partials = Partials::default();
        for host in 1..=3 {
            partials.keep(key(host), vec![host; PARTIAL_BYTES_MAX / 2]);
        }
        let kept = [1, 2, 3].map(|host| partials.take(key(host)).len());
        assert_eq!(kept, [0, PARTIAL_BYTES_MAX / 2, PARTIAL_BYTES_MAX / 2]);
    }
}
