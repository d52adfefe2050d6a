//! Spares: further copies of what is slow, for idle hosts, when a job has nothing else to give.
//!
//! A copy is slow if it is older than the job's units usually take, several times, and its host has
//! returned nothing for as long: a host that works through a long queue is not slow, one that has
//! vanished is, long before its deadline.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use gleaner_shared::id::HostId;
use gleaner_shared::limits::{SLOW_FACTOR, SLOW_LEAST, SPARE_LOOKS_MAX, SPARE_SHARE, SPARES_LEAST};
use gleaner_shared::measure::{Millis, Time};

use crate::connect::KnownHost;
use crate::job::Job;
use crate::pick::{Asker, Picked};
use crate::unit::Place;

/// The hosts that hold copies.
pub(crate) type Hosts = BTreeMap<HostId, KnownHost>;

impl Job {
    /// Spares for threads that would idle, of the oldest copies first. Only for a host that may be
    /// expected to be done sooner than the copy is old.
    pub(crate) fn pick_spares(&mut self, asker: &Asker, hosts: &Hosts, picked: &mut Picked) {
        let room = asker.room.min(asker.threads.saturating_sub(asker.held));
        let pace = if asker.pace.is_known() { asker.pace } else { self.pace };
        let (Some(takes), Some(span)) = (pace.time_of(1), self.slow_after()) else { return };
        if !self.is_leased_out() {
            return;
        }
        let mut found: Vec<(Place, u8)> = Vec::new();
        let mut first_slow = None;
        for (&(since, lease), &place) in self.out.iter().take(SPARE_LOOKS_MAX) {
            if found.len() == room.min(self.spares_left()) {
                break;
            }
            let Some(unit) = self.units.get(&place) else { continue };
            let Some(held) = unit.held.iter().find(|held| held.lease == lease) else { continue };
            let back = hosts.get(&held.host.id).map_or(Time(0), |host| host.back);
            let slow_at = since.max(back) + span;
            first_slow = first_slow.into_iter().chain([slow_at]).min();
            if slow_at <= asker.now
                && held.host.standing == asker.host.standing
                && takes < asker.now - since
                && unit.may_be_taken_by(&asker.host)
                && found.iter().all(|(other, _)| *other != place)
            {
                found.push((place, held.slot));
            }
            if since + span > asker.now {
                break;
            }
        }
        if let Some(at) = first_slow {
            self.spares_from = at;
        }
        for (place, slot) in found {
            self.take(place, slot, asker, picked);
        }
    }

    /// When some copy may be slow, if a spare of it may be given.
    pub(crate) fn spare_at(&self) -> Option<Time> {
        if !self.is_leased_out() || self.spares_left() == 0 {
            return None;
        }
        let ((since, _), _) = self.out.first_key_value()?;
        self.slow_after().map(|span| (*since + span).max(self.spares_from))
    }

    /// For how long a copy may be out. Before anything has come back nobody knows.
    fn slow_after(&self) -> Option<Millis> {
        self.pace.time_of(SLOW_FACTOR).map(|usual| usual.max(SLOW_LEAST))
    }

    /// How many spares may still be given.
    fn spares_left(&self) -> usize {
        let units = usize::try_from(self.row.slices.saturating_add(self.row.splits));
        let most = (units.unwrap_or(usize::MAX) / SPARE_SHARE).max(SPARES_LEAST);
        most.saturating_sub(self.spares)
    }
}
