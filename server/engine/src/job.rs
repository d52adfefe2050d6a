//! One job: its row, the window of slices that were never leased, its open units and their lines.
//!
//! Knows nothing of hosts' connections, of deadlines or of other jobs. What it gives to whom is in
//! `pick.rs`.

use alloc::collections::{BTreeMap, VecDeque};

use gleaner_shared::id::{HostId, LeaseId};
use gleaner_shared::limits::WINDOW_SLICES;
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;
use gleaner_shared::verdict::Settlement;

use crate::effect::{JobRow, JobState};
use crate::line::{LINES, Line, Lines};
use crate::pace::Pace;
use crate::unit::{Held, Place, Tally, Unit};
use crate::verdict::{Verdict, Wants};

/// A job that the engine holds.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) row: JobRow,
    /// Documents of the slices from `row.next_slice` on.
    pub(crate) window: VecDeque<u32>,
    /// Slices asked for and not yet answered.
    asked: Option<Slices>,
    pub(crate) units: BTreeMap<Place, Unit>,
    pub(crate) lines: Lines,
    pub(crate) tally: Tally,
    /// Copies that are out by when they were given, but for those with a spare and the spares.
    pub(crate) out: BTreeMap<(Time, LeaseId), Place>,
    /// Spares given, but for those that became the only copy of their slot.
    pub(crate) spares: usize,
    /// No copy is slow before.
    pub(crate) spares_from: Time,
    /// How long its units take.
    pub(crate) pace: Pace,
    /// What it has been given, in units by its weight: the least is served first.
    pub(crate) served: u64,
}

/// Some consecutive slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slices {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// What happened to a unit, as far as its lines care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A voice more: nobody who could not take it before can now.
    Heard,
    /// A lease ended without a voice: who held it may take it again.
    Freed,
}

impl Job {
    pub(crate) fn new(row: JobRow) -> Self {
        Self {
            row,
            window: VecDeque::new(),
            asked: None,
            units: BTreeMap::new(),
            lines: Lines::default(),
            tally: Tally::default(),
            out: BTreeMap::new(),
            spares: 0,
            spares_from: Time(0),
            pace: Pace::default(),
            served: 0,
        }
    }

    /// Every unit is settled.
    pub(crate) fn is_settled(&self) -> bool {
        self.row.next_slice >= self.row.slices && self.units.is_empty()
    }

    /// Slices in the window.
    pub(crate) fn window(&self) -> usize {
        self.window.len()
    }

    /// Slices to ask for, if the window runs low and nothing is asked for.
    pub(crate) fn slices_to_read(&mut self) -> Option<Slices> {
        let in_window = u32::try_from(self.window.len()).unwrap_or(u32::MAX);
        let first = self.row.next_slice.saturating_add(in_window);
        let low = self.window.len() < WINDOW_SLICES / 2;
        if self.row.state != JobState::Running
            || self.asked.is_some()
            || !low
            || first >= self.row.slices
        {
            return None;
        }
        let room = u32::try_from(WINDOW_SLICES - self.window.len()).unwrap_or(u32::MAX);
        let slices = Slices { first, count: room.min(self.row.slices - first) };
        self.asked = Some(slices);
        Some(slices)
    }

    /// Takes the answer to what was asked for; anything else is ignored, and so is an empty answer.
    pub(crate) fn slices_read(&mut self, first: u32, docs: &[u32]) {
        if let Some(asked) = self.asked
            && asked.first == first
            && !docs.is_empty()
        {
            self.asked = None;
            let count = usize::try_from(asked.count).unwrap_or(usize::MAX);
            self.window.extend(docs.iter().take(count));
        }
    }

    /// Whether hosts of this standing may find work here.
    pub(crate) fn offers(&self, standing: Standing, now: Time) -> bool {
        self.row.state == JobState::Running
            && (!self.window.is_empty()
                || self.spare_at().is_some_and(|at| at <= now)
                || match standing {
                    Standing::Own => {
                        !self.lines.is_empty(Line::OwnFirst)
                            || (self.is_leased_out() && !self.lines.is_empty(Line::OwnLast))
                    }
                    Standing::Stranger => !self.lines.is_empty(Line::Strangers),
                })
    }

    /// Every slice was leased once.
    pub(crate) fn is_leased_out(&self) -> bool {
        self.row.next_slice >= self.row.slices
    }

    /// A host holds a copy from now on. A second one of the same slot is a spare: the first is not
    /// looked at any more.
    pub(crate) fn hold(&mut self, place: Place, held: Held) {
        let Some(unit) = self.units.get_mut(&place) else { return };
        match unit.held.iter().find(|other| other.slot == held.slot) {
            Some(first) => {
                self.out.remove(&(first.since, first.lease));
                self.spares += 1;
            }
            None => drop(self.out.insert((held.since, held.lease), place)),
        }
        unit.held.push(held);
    }

    /// A copy ends without a result. Another one of its slot is the only one again: nothing was done
    /// twice.
    pub(crate) fn drop_lease(&mut self, place: Place, lease: LeaseId) {
        let Some(held) = self.take_out(place, lease) else { return };
        let Some(unit) = self.units.get(&place) else { return };
        if let Some(other) = unit.held.iter().find(|other| other.slot == held.slot) {
            self.out.insert((other.since, other.lease), place);
            self.spares_from = Time(0);
            self.spares = self.spares.saturating_sub(1);
        }
    }

    /// The copy that a host hands in with its result, if it holds one.
    pub(crate) fn hand_in(&mut self, place: Place, host: HostId) -> Option<Held> {
        let unit = self.units.get(&place)?;
        let lease = unit.held.iter().find(|held| held.host.id == host)?.lease;
        self.take_out(place, lease)
    }

    /// The other copy of a slot that a result has filled, if there is one.
    pub(crate) fn take_slot(&mut self, place: Place, slot: u8) -> Option<Held> {
        let unit = self.units.get(&place)?;
        let lease = unit.held.iter().find(|held| held.slot == slot)?.lease;
        self.take_out(place, lease)
    }

    fn take_out(&mut self, place: Place, lease: LeaseId) -> Option<Held> {
        let unit = self.units.get_mut(&place)?;
        let at = unit.held.iter().position(|held| held.lease == lease)?;
        let held = unit.held.swap_remove(at);
        self.out.remove(&(held.since, held.lease));
        Some(held)
    }

    /// Judges a unit after a change. If it stays open, it waits in the lines that it should.
    pub(crate) fn review(&mut self, place: Place, change: Change) -> Option<Settlement> {
        let unit = self.units.get_mut(&place)?;
        let wants = match unit.judge(&self.row.policy) {
            Verdict::Settled(settlement) => return Some(settlement),
            Verdict::Open(wants) => wants,
        };
        let only_strangers = !unit.held.is_empty() && !unit.is_touched_by(Standing::Own);
        for line in LINES {
            let spot = &mut unit.spots[line as usize];
            let waits = should_wait(line, wants, only_strangers);
            if let Some(old) = *spot
                && (!waits || change == Change::Freed)
            {
                self.lines.leave(line, old);
                *spot = None;
            }
            if waits && spot.is_none() {
                *spot = Some(self.lines.join(line, place));
            }
        }
        let now = tally_of(unit, wants);
        self.tally.replace(unit.counted, now);
        unit.counted = now;
        None
    }

    /// Takes an open unit out of everything.
    pub(crate) fn remove(&mut self, place: Place) -> Option<Unit> {
        let unit = self.units.remove(&place)?;
        for line in LINES {
            if let Some(spot) = unit.spots[line as usize] {
                self.lines.leave(line, spot);
            }
        }
        for held in &unit.held {
            self.out.remove(&(held.since, held.lease));
        }
        self.tally.replace(unit.counted, Tally::default());
        Some(unit)
    }
}

/// Whether a unit with these wants belongs in a line.
fn should_wait(line: Line, wants: Wants, only_strangers_hold: bool) -> bool {
    match line {
        Line::OwnFirst => wants.own > 0 && !only_strangers_hold,
        Line::OwnLast => wants.own > 0 && only_strangers_hold,
        Line::Strangers => wants.strangers > 0,
    }
}

fn tally_of(unit: &Unit, wants: Wants) -> Tally {
    let second = |wanted: usize, standing| usize::from(wanted > 0 && unit.is_touched_by(standing));
    Tally {
        leased: usize::from(!unit.held.is_empty()),
        checking: usize::from(!unit.votes.is_empty()),
        wants_account: second(wants.strangers, Standing::Stranger),
        wants_own: second(wants.own, Standing::Own),
    }
}

impl Tally {
    /// One unit counts otherwise than before.
    fn replace(&mut self, before: Self, now: Self) {
        self.leased = self.leased + now.leased - before.leased;
        self.checking = self.checking + now.checking - before.checking;
        self.wants_account = self.wants_account + now.wants_account - before.wants_account;
        self.wants_own = self.wants_own + now.wants_own - before.wants_own;
    }
}
