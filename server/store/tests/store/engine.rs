//! The real engine on the real store: at every batch, an engine that starts from the store sees
//! what the one that runs sees; in the end every document is merged once.

use std::collections::BTreeMap;

use gleaner_engine::Engine;
use gleaner_engine::effect::{Effect, JobState, Tell, Write};
use gleaner_engine::event::{Event, Host, Token};
use gleaner_engine::view::JobView;
use gleaner_shared::id::{AccountId, HostId, LeaseId};
use gleaner_shared::measure::{Millis, Time};
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Row, Value};
use gleaner_shared::unit::UnitKey;
use gleaner_store::{Batch, ResultBytes, Store};

use crate::scene::{
    JOB, TABLES, batch, doc_id, failed, job_insert, open, records, returned, rows, slices_make,
    text, words_of,
};

const SLICES: u32 = 60;
const HOSTS: u8 = 7;
const BATCHES: u32 = 150;

/// xorshift64*: a seed decides the whole run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

struct World {
    store: Store,
    engine: Engine,
    now: Time,
    chance: Chance,
    held: BTreeMap<LeaseId, (u8, UnitKey)>,
    /// Answers to what the engine asked the store for.
    next: Vec<Event>,
    ended: bool,
}

/// Hosts 5 and 6 are own ones; 0 to 4 are strangers, of which 3 and 4 share an account.
fn host(number: u8) -> Host {
    let (account, standing) = match number {
        5.. => (0, Standing::Own),
        4 => (4, Standing::Stranger),
        other => (u64::from(other) + 1, Standing::Stranger),
    };
    Host { id: HostId([number; 32]), account: AccountId(account), standing }
}

impl World {
    async fn begin(seed: u64) -> (tempfile::TempDir, Self) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let add = slices_make(&store, "demo", SLICES).await;
        store.corpus_end(add).await.unwrap();
        let mut world = Self {
            store,
            engine: Engine::new(),
            now: Time(0),
            chance: Chance(seed),
            held: BTreeMap::new(),
            next: Vec::new(),
            ended: false,
        };
        let policy = Policy { deadline: Millis::from_seconds(60), ..Policy::default() };
        world.engine.handle(world.now, Event::JobOpened { job: JOB, policy, slices: SLICES });
        world.commit(vec![job_insert(add.corpus)], Vec::new()).await;
        world.connect_all();
        (folder, world)
    }

    fn connect_all(&mut self) {
        for number in 0..HOSTS {
            let held = self.held.iter().filter(|(_, (owner, _))| *owner == number);
            let leases = held.map(|(lease, _)| *lease).collect();
            self.engine
                .handle(self.now, Event::HostConnected { host: host(number), threads: 2, leases });
        }
    }

    /// Anything that may happen, and the bytes of what was returned.
    fn event(&mut self, results: &mut Vec<ResultBytes>) -> Event {
        let number = u8::try_from(self.chance.below(u64::from(HOSTS))).unwrap();
        let id = host(number).id;
        let some = self.held.iter().nth(usize::try_from(self.chance.below(40)).unwrap());
        let some = some.map(|(lease, (owner, unit))| (*lease, *owner, *unit));
        match (self.chance.below(20), some) {
            (0, _) => Event::HostLost(id),
            (1, _) => self.reconnect(number),
            (2, _) if self.chance.one_in(3) => {
                self.now = self.now + Millis::from_seconds(45);
                Event::Ticked
            }
            (3, Some((lease, owner, _))) => {
                self.held.remove(&lease);
                Event::Released { host: host(owner).id, leases: vec![lease] }
            }
            (4..=13, Some((lease, owner, unit))) => {
                self.held.remove(&lease);
                self.returned(owner, unit, results)
            }
            _ => {
                let request = u32::from(number);
                let units = u16::try_from(1 + self.chance.below(4)).unwrap();
                Event::Wanted { host: id, request, units }
            }
        }
    }

    fn reconnect(&mut self, number: u8) -> Event {
        let held = self.held.iter().filter(|(_, (owner, _))| *owner == number);
        let leases = held.map(|(lease, _)| *lease).collect();
        Event::HostConnected { host: host(number), threads: 2, leases }
    }

    fn returned(&mut self, owner: u8, unit: UnitKey, results: &mut Vec<ResultBytes>) -> Event {
        let host = host(owner);
        let is_stranger = host.standing == Standing::Stranger;
        let result = if is_stranger && self.chance.one_in(6) {
            returned(unit, &host, work(unit, LIE))
        } else if self.chance.one_in(12) {
            failed(unit, &host, "it crashed")
        } else {
            returned(unit, &host, work(unit, 0))
        };
        let outcome = result.outcome;
        results.push(result);
        Event::Returned { host, unit, outcome, token: Token(0) }
    }

    async fn commit(&mut self, jobs: Vec<gleaner_store::JobInsert>, results: Vec<ResultBytes>) {
        self.engine.flush();
        let (mut writes, mut tells) = (Vec::new(), Vec::new());
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Write(write) => writes.push(write),
                Effect::Tell(tell) => tells.push(tell),
            }
        }
        self.ended |= writes
            .iter()
            .any(|write| matches!(write, Write::JobPut { row, .. } if row.state == JobState::Done));
        let batch = Batch { now: self.now, writes, jobs, results, ..batch(0) };
        self.store.commit(batch).await.unwrap();
        for tell in tells {
            self.told(tell).await;
        }
    }

    async fn told(&mut self, tell: Tell) {
        match tell {
            Tell::Grant { host, grant, job, units, .. } => {
                for (index, (slice, docs)) in (0..).zip(units) {
                    let unit = UnitKey { job, slice, docs };
                    self.held.insert(LeaseId { grant, index }, (host.0[0], unit));
                }
            }
            Tell::Cancel { leases, .. } => {
                self.held.retain(|lease, _| !leases.contains(lease));
            }
            Tell::ReadSlices { job, first, count } => {
                let docs = self.store.slice_docs(job, first, count).await.unwrap();
                self.next.push(Event::SlicesRead { job, first, docs });
            }
            Tell::Finish { job, .. } => self.next.push(Event::Finished(job)),
            Tell::Receipt { .. } => {}
        }
    }

    async fn check(&mut self) {
        let snapshot = self.store.snapshot().await.unwrap();
        let restored = Engine::restore(self.now, snapshot).unwrap();
        let seen = |engine: &Engine| engine.jobs().collect::<Vec<JobView>>();
        assert_eq!(seen(&restored), seen(&self.engine));
        assert_eq!(restored.leases(), self.engine.leases());
        if self.chance.one_in(10) {
            self.engine = restored;
            self.next.clear();
            self.connect_all();
            self.commit(Vec::new(), Vec::new()).await;
        }
    }

    async fn step(&mut self) {
        let mut results = Vec::new();
        for event in std::mem::take(&mut self.next) {
            self.engine.handle(self.now, event);
        }
        for _ in 0..self.chance.below(12) {
            let event = self.event(&mut results);
            self.engine.handle(self.now, event);
        }
        self.now = self.now + Millis(200);
        self.commit(Vec::new(), results).await;
        self.check().await;
    }

    /// Failed units are done again, honestly, until none is left.
    async fn finish(&mut self) {
        for _ in 0..4_000 {
            let mut results = Vec::new();
            for event in std::mem::take(&mut self.next) {
                self.engine.handle(self.now, event);
            }
            for (owner, unit) in std::mem::take(&mut self.held).into_values() {
                let result = returned(unit, &host(owner), work(unit, 0));
                let outcome = result.outcome;
                results.push(result);
                let event = Event::Returned { host: host(owner), unit, outcome, token: Token(0) };
                self.engine.handle(self.now, event);
            }
            for number in 0..HOSTS {
                let want = Event::Wanted { host: host(number).id, request: 1, units: 8 };
                self.engine.handle(self.now, want);
            }
            self.now = self.now + Millis::from_seconds(1);
            self.commit(Vec::new(), results).await;
            if self.ended && !self.retry().await {
                return;
            }
        }
        panic!("the job does not end: {:?}", self.engine.jobs().collect::<Vec<_>>());
    }

    async fn retry(&mut self) -> bool {
        self.ended = false;
        let units = self.store.failed_units(JOB, 1_000).await.unwrap();
        if units.is_empty() {
            return false;
        }
        let row = self.store.job_find_by_id(JOB).await.unwrap().unwrap().row;
        self.engine.handle(self.now, Event::JobRestored { job: JOB, row });
        self.engine.handle(self.now, Event::JobRetried { job: JOB, units });
        self.commit(Vec::new(), Vec::new()).await;
        self.check().await;
        true
    }
}

/// How much further on a lie claims to be.
const LIE: u32 = 1_000;

/// What the app makes of the documents of a unit.
fn work(unit: UnitKey, lie: u32) -> Tables {
    let mut tables = vec![Vec::new(); 2];
    for position in unit.docs.first..unit.docs.end() {
        let mut document = records(unit.slice + lie);
        document[0][0][0] = text(&doc_id(unit.slice, position));
        tables.iter_mut().zip(document).for_each(|(rows, new)| rows.extend(new));
    }
    tables
}

/// Which slice a row of `docs` is from; a lie's is further on.
fn number(row: &Row) -> u32 {
    match &row[1] {
        Value::Int(number) => u32::try_from(*number).unwrap(),
        Value::Text(text) => panic!("{text} is no number"),
    }
}

/// Gives how many units were split.
async fn run(seed: u64) -> u32 {
    eprintln!("seed {seed}");
    let (_folder, mut world) = World::begin(seed).await;
    for _ in 0..BATCHES {
        world.step().await;
    }
    world.connect_all();
    world.finish().await;
    let job = world.store.job_find_by_id(JOB).await.unwrap().unwrap();
    let units = SLICES + job.row.splits;
    assert_eq!((job.row.state, job.row.merged, job.row.failed), (JobState::Done, units, 0));
    // Liars who agree may win a unit, but a document is merged once, and the sums are those of the
    // rows.
    let merged: Vec<u32> = rows(&world.store, &TABLES[0]).await.iter().map(number).collect();
    let mut slices: Vec<u32> = merged.iter().map(|number| number % LIE).collect();
    slices.sort_unstable();
    assert_eq!(slices, (0..SLICES).flat_map(|slice| [slice; 4]).collect::<Vec<_>>());
    assert_eq!(rows(&world.store, &TABLES[1]).await, words_of(&merged));
    assert!(world.store.snapshot().await.unwrap().grants.is_empty());
    job.row.splits
}

#[tokio::test]
async fn a_restart_at_any_batch_loses_nothing() {
    let mut splits = 0;
    for seed in 1..=6 {
        splits += run(seed).await;
    }
    assert!(splits > 0, "no unit was ever split");
}
