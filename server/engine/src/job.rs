//! One job: its row, the window of slices that were never leased, its open units and their lines.
//!
//! Knows nothing of hosts' connections, of deadlines or of other jobs.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, LeaseId};
use gleaner_shared::limits::{PASSED_OVER_MAX, WINDOW_SLICES};
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::Settlement;

use crate::effect::{JobRow, JobState};
use crate::event::Host;
use crate::line::{LINES, Line, Lines};
use crate::unit::{Held, Place, Tally, Trace, Unit};
use crate::verdict::{Verdict, Wants};

/// A job that the engine holds.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) row: JobRow,
    /// Documents of the slices from `row.next_slice` on.
    window: VecDeque<u32>,
    /// Slices asked for and not yet answered.
    asked: Option<Slices>,
    pub(crate) units: BTreeMap<Place, Unit>,
    pub(crate) lines: Lines,
    pub(crate) tally: Tally,
    /// When it last gave out work, in grants of the whole engine.
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

/// Who asks a job for units, and for how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) host: Host,
    /// The grant that the units will be in.
    pub(crate) grant: GrantId,
    /// How many units at most.
    pub(crate) room: usize,
    /// How many of them may be fresh slices.
    pub(crate) room_fresh: usize,
}

/// What a job gives to an asker.
#[derive(Debug)]
pub(crate) struct Picked {
    pub(crate) units: Vec<Place>,
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
    pub(crate) fn new(row: JobRow) -> Self {
        Self {
            row,
            window: VecDeque::new(),
            asked: None,
            units: BTreeMap::new(),
            lines: Lines::default(),
            tally: Tally::default(),
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
    pub(crate) fn offers(&self, standing: Standing) -> bool {
        self.row.state == JobState::Running
            && (!self.window.is_empty()
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

    /// Units for a host: those that wait, then fresh slices, then (own hosts) what strangers hold.
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
            let free = self.units.get(&place).is_some_and(|unit| unit.may_be_taken_by(&asker.host));
            if free {
                self.take(place, asker, picked);
            } else {
                passed += 1;
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
            self.take(place, asker, picked);
            picked.fresh += 1;
        }
    }

    fn take(&mut self, place: Place, asker: &Asker, picked: &mut Picked) {
        let index = u16::try_from(picked.units.len()).expect("a grant has at most 64 units");
        if let Some(unit) = self.units.get_mut(&place) {
            let lease = LeaseId { grant: asker.grant, index };
            unit.held.push(Held { lease, host: asker.host });
            picked.units.push(place);
            // A copy more decides nothing: verdicts only wait longer for it.
            let _ = self.review(place, Change::Heard);
        }
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
