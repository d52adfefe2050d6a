//! What the server has kept and what has happened to each host, written down as it happens; the
//! first broken promise stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gleaner_client::sim::{Seen, Watch};
use gleaner_engine::effect::{JobRow, JobState, Leased, Write};
use gleaner_engine::event::{Host, Vote};
use gleaner_link::sim::Chance;
use gleaner_shared::id::{Digest, GrantId, HostId, JobId};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::{Outcome, Receipt, Settlement};
use gleaner_shared::wire::work::{Delivered, ResultHead, Returned};
use gleaner_store::Batch;
use tokio::time::Instant;

use crate::network::millis;
use crate::stage::Stage;

/// A grant that is on disk.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) host: Host,
    pub(crate) job: JobId,
    units: Vec<Leased>,
    ended: BTreeSet<u16>,
}

/// What happened to a host.
#[derive(Debug)]
pub(crate) struct HostBook {
    pub(crate) id: HostId,
    pub(crate) folder: PathBuf,
    /// Results in its spool, by job and payload.
    pub(crate) spooled: BTreeSet<(Digest, Digest)>,
    pub(crate) welcomes: u64,
    pub(crate) losses: u64,
    pub(crate) drains: u64,
    pub(crate) cancels: u64,
    pub(crate) grants: u64,
    pub(crate) receipts: u64,
    pub(crate) is_open: bool,
    /// How long it had no session, in all, and since when it has none.
    pub(crate) away: Duration,
    away_since: Instant,
    /// Why its last session ended, and when.
    pub(crate) lost: String,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) grants: BTreeMap<GrantId, Granted>,
    pub(crate) votes: BTreeMap<UnitKey, Vec<Vote>>,
    pub(crate) settled: BTreeMap<UnitKey, Settlement>,
    pub(crate) jobs: BTreeMap<JobId, JobRow>,
    pub(crate) hosts: Vec<HostBook>,
    /// Of batches, in thousandths: the disk is full.
    pub(crate) full: u64,
    pub(crate) batches: u64,
    pub(crate) refused: u64,
    /// Fetches that went on where an earlier one was cut, and the bytes that they did not ask for.
    pub(crate) resumed: (u64, u64),
    /// Payload bytes that hosts have received.
    pub(crate) came_bytes: u64,
    /// Result bytes that hosts were told of.
    pub(crate) told_bytes: u64,
    pub(crate) trace: u64,
    pub(crate) broken: Option<String>,
    /// Told what happens, line by line.
    talk: Option<fn(&str)>,
    chance: Chance,
    began: Instant,
}

/// The books. All clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Books(Arc<Mutex<Inner>>);

impl Books {
    pub(crate) fn new(
        chance: Chance,
        hosts: Vec<(HostId, PathBuf)>,
        talk: Option<fn(&str)>,
    ) -> Self {
        let hosts = hosts.into_iter().map(|(id, folder)| HostBook::new(id, folder));
        Self(Arc::new(Mutex::new(Inner {
            grants: BTreeMap::new(),
            votes: BTreeMap::new(),
            settled: BTreeMap::new(),
            jobs: BTreeMap::new(),
            hosts: hosts.collect(),
            full: 0,
            batches: 0,
            refused: 0,
            resumed: (0, 0),
            came_bytes: 0,
            told_bytes: 0,
            trace: 0,
            broken: None,
            talk,
            chance,
            began: Instant::now(),
        })))
    }

    pub(crate) fn open(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A promise is broken.
    pub(crate) fn breaks(&self, what: String) {
        self.open().breaks(what);
    }

    /// Whether the disk is full for this batch.
    pub(crate) fn commit_fails(&self) -> bool {
        let mut books = self.open();
        let full = books.full;
        let fails = books.chance.permille(full);
        books.refused += u64::from(fails);
        fails
    }

    /// A batch is on disk.
    pub(crate) fn committed(&self, batch: &Batch) {
        let mut books = self.open();
        books.batches += 1;
        for write in &batch.writes {
            books.write(write);
        }
    }

    /// A host asks for a payload from that byte on: from there its own file must go on, unless its
    /// leases have been cancelled since.
    pub(crate) fn asked_for(&self, host: HostId, payload: Digest, offset: u64) {
        let mut books = self.open();
        let Some(book) = books.hosts.iter().find(|book| book.id == host) else { return };
        let is_open = book.is_open;
        let part = book.folder.join("payloads").join(payload.to_string());
        let len = |path: PathBuf| std::fs::metadata(path).map_or(0, |meta| meta.len());
        let here = len(part.with_extension("part")).max(len(part));
        if offset > 0 {
            books.resumed = (books.resumed.0 + 1, books.resumed.1 + offset);
        }
        // One that has died since may have lost what it had.
        if offset > here && is_open && books.holds(host, payload) {
            books.breaks(format!("{host} has {here} bytes of {payload} and asks from {offset} on"));
        }
    }
}

impl HostBook {
    fn new(id: HostId, folder: PathBuf) -> Self {
        let (spooled, lost) = (BTreeSet::new(), String::new());
        let (welcomes, losses, drains, cancels, grants, receipts) = (0, 0, 0, 0, 0, 0);
        let (is_open, away, away_since) = (false, Duration::ZERO, Instant::now());
        Self {
            id,
            folder,
            spooled,
            welcomes,
            losses,
            drains,
            cancels,
            grants,
            receipts,
            is_open,
            away,
            away_since,
            lost,
        }
    }
}

impl HostBook {
    /// It has no session any more.
    pub(crate) fn gone(&mut self) {
        self.is_open = false;
        self.away_since = Instant::now();
    }
}

impl Inner {
    pub(crate) fn breaks(&mut self, what: String) {
        let at = (Instant::now() - self.began).as_millis();
        self.broken.get_or_insert(format!("at {at} ms: {what}"));
    }

    /// Says it to whoever listens.
    pub(crate) fn say(&self, what: &str) {
        if let Some(talk) = self.talk {
            let at = (Instant::now() - self.began).as_millis();
            talk(&format!("{at:>7} ms  {what}"));
        }
    }

    fn write(&mut self, write: &Write) {
        self.say(&format!("kept: {write:?}"));
        match write {
            Write::JobPut { job, row } => {
                self.jobs.insert(*job, *row);
            }
            Write::GrantInsert { grant, host, job, units } => {
                let (units, ended) = (units.clone(), BTreeSet::new());
                let granted = Granted { host: *host, job: *job, units, ended };
                if self.grants.insert(*grant, granted).is_some() {
                    self.breaks(format!("grant {grant} is given twice"));
                }
            }
            Write::LeasesEnd { grant, indices } => {
                if let Some(granted) = self.grants.get_mut(grant) {
                    granted.ended.extend(indices);
                }
            }
            Write::ResultInsert { unit, vote } => self.votes.entry(*unit).or_default().push(*vote),
            Write::UnitSettle { unit, settlement, by } => self.settle(*unit, *settlement, *by),
            Write::UnitSplit { unit, why, .. } => {
                self.breaks(format!("{unit:?} is split ({why:?}), and no unit fails here"));
            }
            Write::GrantEnd(_) | Write::UnitPut { .. } | Write::UnitsReopen(_) => {}
            Write::JobClear(job) => {
                let job = *job;
                self.grants.values_mut().filter(|granted| granted.job == job).for_each(|granted| {
                    granted.ended.extend((0..).take(granted.units.len()));
                });
            }
        }
    }

    fn settle(&mut self, unit: UnitKey, settlement: Settlement, by: Option<Vote>) {
        let slice = usize::try_from(unit.slice).ok().and_then(|at| Stage::here().slices.get(at));
        if slice.is_none_or(|slice| settlement != Settlement::Merged(slice.result)) {
            self.breaks(format!("{unit:?} is settled {settlement:?}, which is not what it gives"));
        }
        if self.settled.insert(unit, settlement).is_some() {
            self.breaks(format!("{unit:?} is settled twice"));
        }
        self.votes.entry(unit).or_default().extend(by);
    }

    /// Units that a host holds on disk, of one job.
    pub(crate) fn leased(&self, host: HostId, job: JobId) -> usize {
        let grants = self.grants.values().filter(|it| it.host.id == host && it.job == job);
        grants.map(|granted| self.open_units(granted)).sum()
    }

    /// Leases of a grant that are open.
    pub(crate) fn open_units(&self, granted: &Granted) -> usize {
        self.open_of(granted).count()
    }

    /// Whether a host holds a lease on this payload.
    fn holds(&self, host: HostId, payload: Digest) -> bool {
        let slices = &Stage::here().slices;
        let grants = self.grants.values().filter(|granted| granted.host.id == host);
        let mut open = grants.flat_map(|granted| self.open_of(granted));
        open.any(|leased| slices[leased.slice as usize].payload.digest == payload)
    }

    fn open_of<'a>(&self, granted: &'a Granted) -> impl Iterator<Item = &'a Leased> {
        let open = (0..).zip(&granted.units).filter(|(index, leased)| {
            let unit = UnitKey { job: granted.job, slice: leased.slice, docs: leased.docs };
            let voted = self.votes.get(&unit).into_iter().flatten();
            !granted.ended.contains(index)
                && !self.settled.contains_key(&unit)
                && !voted.clone().any(|vote| vote.host.id == granted.host.id)
        });
        open.map(|(_, leased)| leased)
    }

    /// What the server said of a result must be so on disk.
    fn told(&mut self, index: usize, head: &ResultHead, receipt: Receipt) {
        let host = self.hosts[index].id;
        let Some(unit) = Stage::here().unit(head.job, head.payload, head.docs) else {
            return self.breaks(format!("{host} returned {head:?}, which is no unit"));
        };
        let Returned::Records { digest, len, .. } = head.returned else {
            return self.breaks(format!("{host} failed at {unit:?}"));
        };
        let vote = |vote: &Vote| vote.host.id == host && vote.outcome == Outcome::Records(digest);
        let is_kept = self.votes.get(&unit).is_some_and(|votes| votes.iter().any(vote));
        let is_settled = self.settled.contains_key(&unit);
        let state = self.jobs.get(&unit.job).map(|row| row.state);
        let is_so = match receipt {
            Receipt::Kept => is_kept,
            // A stranger's lease may have ended before.
            Receipt::Late => true,
            Receipt::Gone => matches!(state, Some(JobState::Cancelled | JobState::Done)),
        };
        if !is_so {
            self.breaks(format!(
                "{host} is told {receipt:?} of {unit:?}, which is not so on disk: kept {is_kept}, \
                 settled {is_settled}, job {state:?}"
            ));
        }
        if !self.hosts[index].spooled.remove(&(head.job, head.payload)) {
            self.breaks(format!("{host} is told {receipt:?} of {unit:?} twice"));
        }
        self.told_bytes += u64::from(len);
        self.hosts[index].receipts += 1;
    }

    fn see(&mut self, index: usize, seen: &Seen) {
        let at = u64::try_from((Instant::now() - self.began).as_micros()).unwrap_or(u64::MAX);
        self.say(&format!("host {index}: {seen:?}"));
        for byte in format!("{at} {index} {seen:?}").bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let book = &mut self.hosts[index];
        match seen {
            Seen::Connected | Seen::NotConnected(_) => {}
            Seen::Welcome => {
                book.welcomes += 1;
                book.away += book.away_since.elapsed();
                book.is_open = true;
            }
            Seen::Granted(_, units) => book.grants += *units as u64,
            Seen::Cancelled(_) => book.cancels += 1,
            Seen::Drained => book.drains += 1,
            Seen::Lost(why) => {
                book.losses += 1;
                book.gone();
                book.lost = format!("at {} ms: {why}", at / 1_000);
            }
            Seen::Came(payload) => {
                let slices = &Stage::here().slices;
                let slice = slices.iter().find(|slice| slice.payload.digest == *payload);
                self.came_bytes += slice.map_or(0, |slice| u64::from(slice.payload.len));
            }
            Seen::Damaged(item) => self.breaks(format!("host {index}: {item} came with damage")),
            Seen::Spooled(head) => drop(book.spooled.insert((head.job, head.payload))),
            Seen::Told(head, Delivered::Receipt(receipt)) => self.told(index, head, *receipt),
            Seen::Told(head, Delivered::Broken) => {
                self.breaks(format!("host {index}: {head:?} is called broken"));
            }
            Seen::Told(_, Delivered::Again(_)) => {}
            Seen::Ended(why) => {
                book.gone();
                if let Some(why) = why {
                    self.breaks(format!("host {index} has ended: {why}"));
                }
            }
        }
    }
}

/// Sees for one host, and decides how fast it is.
#[derive(Debug)]
pub(crate) struct Eye {
    pub(crate) index: usize,
    pub(crate) books: Books,
    pub(crate) chance: Chance,
    /// The least and the greatest time of a unit.
    pub(crate) pace_ms: (u64, u64),
}

impl Watch for Eye {
    fn pace(&mut self) -> Duration {
        millis(self.chance.between(self.pace_ms.0, self.pace_ms.1))
    }

    fn see(&mut self, seen: Seen) {
        self.books.open().see(self.index, &seen);
    }
}
