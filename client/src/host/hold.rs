//! The units that this host holds and has not done: which wait, which can start, which are in hand,
//! and the items that they need. Pure: it neither reads the disk nor talks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use gleaner_shared::id::{Digest, LeaseId};
use gleaner_shared::limits::FETCH_TRIES_MAX;
use gleaner_shared::wire::work::{GrantUnit, JobBrief};

use crate::compute::task::{Task, Void, is_suspect};
use crate::disk::blobs::Item;

/// A unit that is held.
#[derive(Clone, Debug)]
struct Held {
    job: Arc<JobBrief>,
    unit: GrantUnit,
    died: u32,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// Waits for its items, or a thread.
    Queued,
    /// A thread has it.
    InHand(Void),
}

/// An item that held units need.
#[derive(Clone, Copy, Debug)]
struct Need {
    len: u64,
    users: usize,
    tries: u32,
    state: NeedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NeedState {
    Missing,
    Fetching,
    Here,
}

/// Something to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// What.
    pub(crate) item: Item,
    /// Its bytes, as the server declared them.
    pub(crate) len: u64,
}

/// A unit that is not held any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Items that nobody needs now.
    pub(crate) free: Vec<Item>,
}

/// What became of a lease that the server, or the owner, took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Voided {
    /// It waited, and is gone.
    Gone(Gone),
    /// A thread has it; what it makes is to be dropped.
    InHand,
    /// It was not held.
    Unknown,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    units: BTreeMap<LeaseId, Held>,
    queue: VecDeque<LeaseId>,
    needs: BTreeMap<Item, Need>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Threads have them.
    pub(crate) in_hand: usize,
    /// They wait, and all they need is here.
    pub(crate) ready: usize,
    /// They wait for items.
    pub(crate) lacking: usize,
}

impl Hold {
    /// Takes a unit; `died` as its marks say. `is_here` tells whether an item is on disk.
    pub(crate) fn take(
        &mut self,
        lease: LeaseId,
        (job, unit): (&Arc<JobBrief>, GrantUnit),
        died: u32,
        is_here: impl Fn(Order) -> bool,
    ) {
        for order in items(job, unit) {
            let need = self.needs.entry(order.item).or_insert_with(|| {
                let state = if is_here(order) { NeedState::Here } else { NeedState::Missing };
                Need { len: order.len, users: 0, tries: 0, state }
            });
            need.users += 1;
        }
        self.units.insert(lease, Held { job: job.clone(), unit, died, state: State::Queued });
        self.queue.push_back(lease);
    }

    /// Puts suspects behind the others, so that they hold nobody up.
    pub(crate) fn suspects_last(&mut self) {
        let units = &self.units;
        let died = |lease: &LeaseId| units.get(lease).map_or(0, |held| held.died);
        self.queue.make_contiguous().sort_by_key(died);
    }

    /// The next unit for a thread. Two suspects are never in hand together: each takes the memory of
    /// a whole crew, and if one ends more than its crew, no other is blamed.
    pub(crate) fn start(&mut self) -> Option<Task> {
        let suspects = self.units.values().any(|held| held.is_suspect() && held.is_in_hand());
        let may = |held: &Held| self.lacks(held).is_none() && !(suspects && held.is_suspect());
        let at = self.queue.iter().position(|lease| self.units.get(lease).is_some_and(may))?;
        let lease = self.queue.remove(at)?;
        let held = self.units.get_mut(&lease)?;
        let void = Void::default();
        held.state = State::InHand(void.clone());
        Some(Task {
            lease,
            job: held.job.clone(),
            payload: held.unit.payload,
            docs: held.unit.docs,
            died: held.died,
            void,
        })
    }

    /// A unit in hand waits again, as the next one.
    pub(crate) fn put_back(&mut self, lease: LeaseId) {
        if let Some(held) = self.units.get_mut(&lease)
            && held.is_in_hand()
        {
            held.state = State::Queued;
            self.queue.push_front(lease);
        }
    }

    /// A process died with a unit in hand: it waits again, behind the others.
    pub(crate) fn suspect(&mut self, lease: LeaseId) {
        if let Some(held) = self.units.get_mut(&lease)
            && held.is_in_hand()
        {
            held.state = State::Queued;
            held.died = held.died.saturating_add(1);
            self.queue.push_back(lease);
        }
    }

    /// A unit is done, or nothing is to be done.
    pub(crate) fn end(&mut self, lease: LeaseId) -> Option<Gone> {
        let held = self.units.remove(&lease)?;
        self.queue.retain(|queued| *queued != lease);
        let mut free = Vec::new();
        for Order { item, .. } in items(&held.job, held.unit) {
            let Some(need) = self.needs.get_mut(&item) else { continue };
            need.users -= 1;
            if need.users == 0 {
                self.needs.remove(&item);
                free.push(item);
            }
        }
        Some(Gone { free })
    }

    /// A lease is void.
    pub(crate) fn void(&mut self, lease: LeaseId) -> Voided {
        match self.units.get(&lease).map(|held| &held.state) {
            None => Voided::Unknown,
            Some(State::InHand(void)) => {
                void.set();
                Voided::InHand
            }
            Some(State::Queued) => self.end(lease).map_or(Voided::Unknown, Voided::Gone),
        }
    }

    /// The next items to fetch, in the order in which units need them; they count as being fetched.
    pub(crate) fn orders(&mut self, most: usize) -> Vec<Order> {
        let mut orders = Vec::new();
        for held in self.queue.iter().filter_map(|lease| self.units.get(lease)) {
            for Order { item, .. } in items(&held.job, held.unit) {
                let Some(need) = self.needs.get_mut(&item) else { continue };
                if need.state == NeedState::Missing && orders.len() < most {
                    need.state = NeedState::Fetching;
                    orders.push(Order { item, len: need.len });
                }
            }
        }
        orders
    }

    /// An item has come. `false` if nobody needs it any more.
    pub(crate) fn came(&mut self, item: Item) -> bool {
        let need = self.needs.get_mut(&item);
        need.map(|need| need.state = NeedState::Here).is_some()
    }

    /// An item was not fetched, or is damaged on disk: it is fetched again.
    pub(crate) fn lost(&mut self, item: Item) {
        if let Some(need) = self.needs.get_mut(&item) {
            need.state = NeedState::Missing;
        }
    }

    /// An item came with damage. When that has happened too often, the leases that need it.
    pub(crate) fn spoiled(&mut self, item: Item) -> Vec<LeaseId> {
        self.lost(item);
        let Some(need) = self.needs.get_mut(&item) else { return Vec::new() };
        need.tries += 1;
        if need.tries < FETCH_TRIES_MAX { Vec::new() } else { self.users(item) }
    }

    /// The leases that need an item.
    pub(crate) fn users(&self, item: Item) -> Vec<LeaseId> {
        let needs = |held: &Held| items(&held.job, held.unit).any(|order| order.item == item);
        self.units.iter().filter(|(_, held)| needs(held)).map(|(lease, _)| *lease).collect()
    }

    /// No transfer is under way any more.
    pub(crate) fn transfers_broke(&mut self) {
        for need in self.needs.values_mut() {
            if need.state == NeedState::Fetching {
                need.state = NeedState::Missing;
            }
        }
    }

    /// Whether units need an item.
    pub(crate) fn needs(&self, item: Item) -> bool {
        self.needs.contains_key(&item)
    }

    /// All leases that are not void.
    pub(crate) fn leases(&self) -> impl Iterator<Item = LeaseId> {
        self.units.iter().filter(|(_, held)| !held.is_void()).map(|(lease, _)| *lease)
    }

    /// Those of them that no thread has.
    pub(crate) fn queued(&self) -> Vec<LeaseId> {
        self.queue.iter().copied().collect()
    }

    /// The job of a unit.
    pub(crate) fn job(&self, lease: LeaseId) -> Option<&Arc<JobBrief>> {
        self.units.get(&lease).map(|held| &held.job)
    }

    /// Whether a unit in hand is void.
    pub(crate) fn is_void(&self, lease: LeaseId) -> bool {
        self.units.get(&lease).is_some_and(Held::is_void)
    }

    /// The jobs of all units.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Arc<JobBrief>> {
        self.units.values().map(|held| &held.job)
    }

    /// The job of which more units may come: that of the youngest one here.
    pub(crate) fn next_job(&self) -> Option<Digest> {
        self.units.last_key_value().map(|(_, held)| held.job.digest)
    }

    /// Bytes of all items that are needed.
    pub(crate) fn bytes(&self) -> u64 {
        self.needs.values().map(|need| need.len).sum()
    }

    /// How many units there are.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for held in self.units.values() {
            match (&held.state, self.lacks(held)) {
                (State::InHand(_), _) => counts.in_hand += 1,
                (State::Queued, None) => counts.ready += 1,
                (State::Queued, Some(_)) => counts.lacking += 1,
            }
        }
        counts
    }

    fn lacks(&self, held: &Held) -> Option<Item> {
        let here = |item| self.needs.get(&item).is_some_and(|need| need.state == NeedState::Here);
        items(&held.job, held.unit).map(|order| order.item).find(|item| !here(*item))
    }
}

impl Held {
    fn is_in_hand(&self) -> bool {
        matches!(self.state, State::InHand(_))
    }

    fn is_suspect(&self) -> bool {
        is_suspect(self.died, &self.unit)
    }

    fn is_void(&self) -> bool {
        matches!(&self.state, State::InHand(void) if void.is_set())
    }
}

/// What a unit needs: its job's data first.
fn items(job: &JobBrief, unit: GrantUnit) -> impl Iterator<Item = Order> + use<> {
    let data = job.data.map(|data| Order { item: Item::Artefact(data.digest), len: data.len });
    let len = unit.payload.len.into();
    data.into_iter().chain([Order { item: Item::Payload(unit.payload.digest), len }])
}

#[cfg(test)]
#[path = "hold_tests.rs"]
mod tests;
