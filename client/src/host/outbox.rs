//! Results that are done and that the server does not have yet: on disk, or, while the disk takes
//! none, in memory. Pure bookkeeping; the spool has the files.

use std::collections::{BTreeMap, VecDeque};

use gleaner_shared::id::LeaseId;
use gleaner_shared::limits::{DELIVER_BYTES_MAX, FRAME_BYTES_MAX, TRANSFER_ITEMS_MAX};

use crate::disk::spool::{Entry, Name, head_len};

/// Bytes of a frame that heads may fill; the rest is for the frame's own words.
const HEADS_BYTES_MAX: usize = FRAME_BYTES_MAX - 1_024;

/// A result in the spool.
#[derive(Debug)]
struct Spooled {
    /// Kept open until the result is delivered; none if the server voided it.
    lease: Option<LeaseId>,
    packed_len: u64,
    head_len: usize,
}

/// A result that the disk did not take.
#[derive(Debug)]
pub(crate) struct Kept {
    /// What is told of it.
    pub(crate) entry: Entry,
    /// Its packed bytes.
    pub(crate) packed: Vec<u8>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    spooled: BTreeMap<Name, Spooled>,
    /// Those that are not on their way, the oldest first.
    waiting: VecDeque<Name>,
    kept: Vec<Kept>,
}

impl Outbox {
    /// A result is in the spool. The same unit's again changes nothing but the lease.
    pub(crate) fn add(&mut self, name: Name, entry: &Entry) {
        let spooled = Spooled {
            lease: Some(entry.lease),
            packed_len: entry.packed_len(),
            head_len: head_len(&entry.head),
        };
        if self.spooled.insert(name.clone(), spooled).is_none() {
            self.waiting.push_back(name);
        }
    }

    /// A result that the disk did not take.
    pub(crate) fn keep(&mut self, kept: Kept) {
        self.kept.push(kept);
    }

    /// Takes the results in memory, to try the disk again.
    pub(crate) fn take_kept(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.kept)
    }

    /// The next results to deliver, as many as fit one delivery; they count as on their way.
    pub(crate) fn batch(&mut self) -> Vec<Name> {
        let (mut batch, mut bytes, mut heads) = (Vec::new(), 0, 0);
        while let Some(name) = self.waiting.front() {
            let Some(next) = self.spooled.get(name) else {
                self.waiting.pop_front();
                continue;
            };
            bytes += next.packed_len;
            heads += next.head_len;
            let fits = bytes <= DELIVER_BYTES_MAX as u64 && heads <= HEADS_BYTES_MAX;
            if batch.len() == TRANSFER_ITEMS_MAX || !(fits || batch.is_empty()) {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        batch
    }

    /// Results were not dealt with: they wait again, before the others.
    pub(crate) fn wait_again(&mut self, names: Vec<Name>) {
        for name in names.into_iter().rev() {
            if self.spooled.contains_key(&name) && !self.waiting.contains(&name) {
                self.waiting.push_front(name);
            }
        }
    }

    /// Nothing is on its way any more.
    pub(crate) fn transfers_broke(&mut self) {
        let away: Vec<Name> =
            self.spooled.keys().filter(|name| !self.waiting.contains(name)).cloned().collect();
        self.wait_again(away);
    }

    /// A result is dealt with. Its lease, if it is still open.
    pub(crate) fn forget(&mut self, name: &Name) -> Option<LeaseId> {
        self.waiting.retain(|waiting| waiting != name);
        self.spooled.remove(name).and_then(|spooled| spooled.lease)
    }

    /// The server has voided a lease. The result is delivered all the same: it may still count.
    pub(crate) fn void(&mut self, lease: LeaseId) {
        for spooled in self.spooled.values_mut() {
            spooled.lease = spooled.lease.filter(|held| *held != lease);
        }
        self.kept.retain(|kept| kept.entry.lease != lease);
    }

    /// The leases of all results.
    pub(crate) fn leases(&self) -> impl Iterator<Item = LeaseId> {
        let kept = self.kept.iter().map(|kept| kept.entry.lease);
        self.spooled.values().filter_map(|spooled| spooled.lease).chain(kept)
    }

    /// Results on disk.
    pub(crate) fn spooled(&self) -> usize {
        self.spooled.len()
    }

    /// Results in memory only.
    pub(crate) fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Results that are not on their way.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.spooled.is_empty() && self.kept.is_empty()
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
