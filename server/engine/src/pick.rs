//! What a job gives to a host that asks: units that wait, then fresh slices, then (own hosts) what
//! strangers hold.

use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, LeaseId};
use gleaner_shared::limits::PASSED_OVER_MAX;
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::DocRange;

use crate::effect::Leased;
use crate::event::Host;
use crate::job::{Change, Job};
use crate::line::Line;
use crate::pace::Pace;
use crate::unit::{Held, Place, Trace, Unit};

/// Who asks a job for units, and for how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) host: Host,
    /// The grant that the units will be in.
    pub(crate) grant: GrantId,
    pub(crate) now: Time,
    /// How many units at most.
    pub(crate) room: usize,
    /// How many of them may be fresh slices.
    pub(crate) room_fresh: usize,
    /// How many units it computes at once, at least 1.
    pub(crate) threads: usize,
    /// Leases that it holds.
    pub(crate) held: usize,
    pub(crate) pace: Pace,
}

/// What a job gives to an asker.
#[derive(Debug)]
pub(crate) struct Picked {
    pub(crate) units: Vec<Leased>,
    /// How many of these were never leased before.
    pub(crate) fresh: usize,
    pub(crate) search: Search,
}

/// How far a search went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// Nothing is left that the asker may take, or it has enough.
    Whole,
    /// It passed over too many units; the rest are for the next time.
    CutShort,
}

impl Job {
    /// Units for a host.
    pub(crate) fn pick(&mut self, asker: &Asker) -> Picked {
        let mut picked = Picked { units: Vec::new(), fresh: 0, search: Search::Whole };
        match asker.host.standing {
            Standing::Own => {
                self.pick_waiting(Line::OwnFirst, asker, &mut picked);
                self.pick_fresh(asker, &mut picked);
                if self.is_leased_out() || asker.room_fresh == 0 {
                    self.pick_waiting(Line::OwnLast, asker, &mut picked);
                }
            }
            Standing::Stranger => {
                self.pick_waiting(Line::Strangers, asker, &mut picked);
                self.pick_fresh(asker, &mut picked);
            }
        }
        picked
    }

    fn pick_waiting(&mut self, line: Line, asker: &Asker, picked: &mut Picked) {
        let mut passed = 0;
        while picked.units.len() < asker.room {
            let Some((spot, place)) = self.lines.next(line, asker.host.id) else { return };
            if passed == PASSED_OVER_MAX {
                picked.search = Search::CutShort;
                return;
            }
            self.lines.look(line, asker.host.id, spot);
            match self.units.get(&place) {
                Some(unit) if unit.may_be_taken_by(&asker.host) => {
                    let slot = unit.free_slot();
                    self.take(place, slot, asker, picked);
                }
                _ => passed += 1,
            }
        }
    }

    fn pick_fresh(&mut self, asker: &Asker, picked: &mut Picked) {
        while picked.units.len() < asker.room && picked.fresh < asker.room_fresh {
            let Some(docs) = self.window.pop_front() else { return };
            let place = Place {
                slice: self.row.next_slice,
                docs: DocRange { first: 0, count: docs.max(1) },
            };
            self.row.next_slice += 1;
            self.units.insert(place, Unit::new(Trace::Grants));
            self.take(place, 0, asker, picked);
            picked.fresh += 1;
        }
    }

    /// Gives a copy of an open unit.
    pub(crate) fn take(&mut self, place: Place, slot: u8, asker: &Asker, picked: &mut Picked) {
        let index = u16::try_from(picked.units.len()).expect("a grant has at most 64 units");
        let rounds = (asker.held + picked.units.len()) / asker.threads + 1;
        let held = Held {
            lease: LeaseId { grant: asker.grant, index },
            host: asker.host,
            slot,
            since: asker.now,
            rounds: u16::try_from(rounds).unwrap_or(u16::MAX),
        };
        self.hold(place, held);
        picked.units.push(Leased { slice: place.slice, docs: place.docs, slot });
        // A copy more decides nothing: verdicts only wait longer for it.
        let _ = self.review(place, Change::Heard);
    }

    /// Copies that hosts of this standing could still be given, but for spares.
    pub(crate) fn remaining(&self, standing: Standing) -> usize {
        let fresh = usize::try_from(self.row.slices.saturating_sub(self.row.next_slice));
        let fresh = fresh.unwrap_or(usize::MAX);
        let (copies, waiting) = match standing {
            Standing::Own => {
                let last = if self.is_leased_out() { self.lines.len(Line::OwnLast) } else { 0 };
                (self.row.policy.own_copies, self.lines.len(Line::OwnFirst) + last)
            }
            Standing::Stranger => (self.row.policy.copies, self.lines.len(Line::Strangers)),
        };
        fresh.saturating_mul(usize::from(copies.max(1))).saturating_add(waiting)
    }
}
