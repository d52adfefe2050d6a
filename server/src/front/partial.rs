//! Results that a delivery brought and whose host was not told of them, because the stream was cut: a
//! host that delivers again sends the rest. Whole ones too: else a line that is cut again and again
//! would carry the first results of a delivery each time, and never the last.
//!
//! In memory only: nothing here was acknowledged. The oldest go when they are too many.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
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
type Begun = (PartialKey, Bytes);

/// Beginnings, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partials(Arc<Mutex<VecDeque<Begun>>>);

impl Partials {
    /// Takes what there is of a result.
    pub(crate) fn take(&self, key: PartialKey) -> Bytes {
        let mut kept = self.kept();
        let found = kept.iter().position(|(other, _)| *other == key);
        found.and_then(|at| kept.remove(at)).map(|(_, bytes)| bytes).unwrap_or_default()
    }

    /// Keeps what has come of a result, unless more of it is here.
    pub(crate) fn keep(&self, key: PartialKey, bytes: Bytes) {
        let mut kept = self.kept();
        if kept.iter().any(|(other, more)| *other == key && more.len() >= bytes.len()) {
            return;
        }
        kept.retain(|(other, _)| *other != key);
        kept.push_back((key, bytes));
        let mut total: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while total > PARTIAL_BYTES_MAX {
            let Some((_, oldest)) = kept.pop_front() else { return };
            total -= oldest.len();
        }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has come of the results of one delivery, in their order; none for those without bytes. It is
/// kept when this is dropped before the host was told.
#[derive(Debug)]
pub(crate) struct Arriving {
    partials: Partials,
    pub(crate) parts: Vec<Option<Begun>>,
}

impl Arriving {
    /// Begins with what earlier deliveries have left.
    pub(crate) fn begin(
        partials: &Partials,
        keys: impl Iterator<Item = Option<PartialKey>>,
    ) -> Self {
        let parts = keys.map(|key| key.map(|key| (key, partials.take(key)))).collect();
        Self { partials: partials.clone(), parts }
    }

    /// From which byte on each is to be sent.
    pub(crate) fn offsets(&self) -> Vec<u64> {
        let len = |(_, bytes): &Begun| bytes.len() as u64;
        self.parts.iter().map(|part| part.as_ref().map_or(0, len)).collect()
    }

    /// The host knows what became of all of them.
    pub(crate) fn told(mut self) {
        self.parts.clear();
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        for (key, bytes) in self.parts.drain(..).flatten() {
            if !bytes.is_empty() {
                self.partials.keep(key, bytes);
            }
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
        partials.keep(key(1), vec![1, 2, 3].into());
        assert_eq!(partials.take(key(2)), Bytes::new());
        assert_eq!(partials.take(key(1)), [1, 2, 3][..]);
        assert_eq!(partials.take(key(1)), Bytes::new());
    }

    #[test]
    fn the_oldest_go_when_they_are_too_many() {
        let partials = Partials::default();
        for host in 1..=3 {
            partials.keep(key(host), vec![host; PARTIAL_BYTES_MAX / 2].into());
        }
        let kept = [1, 2, 3].map(|host| partials.take(key(host)).len());
        assert_eq!(kept, [0, PARTIAL_BYTES_MAX / 2, PARTIAL_BYTES_MAX / 2]);
    }

    #[test]
    fn the_longer_of_two_beginnings_is_kept() {
        let partials = Partials::default();
        for len in [2, 3, 1] {
            partials.keep(key(1), vec![7; len].into());
        }
        assert_eq!(partials.take(key(1)).len(), 3);
        assert_eq!(partials.take(key(1)).len(), 0);
    }

    #[test]
    fn a_delivery_leaves_what_its_host_was_not_told_of() {
        let partials = Partials::default();
        let keys = || [Some(key(1)), None, Some(key(2))].into_iter();
        let mut cut = Arriving::begin(&partials, keys());
        cut.parts[0] = Some((key(1), vec![7; 100].into()));
        drop(cut);
        let again = Arriving::begin(&partials, keys());
        assert_eq!(again.offsets(), [100, 0, 0]);
        again.told();
        assert_eq!(Arriving::begin(&partials, keys()).offsets(), [0, 0, 0]);
    }
}
