//! A driver of one engine for tests: small numbers for hosts, one batch per event.

use std::collections::BTreeMap;

use gleaner_engine::Engine;
use gleaner_engine::effect::{Effect, JobState, Tell, Write};
use gleaner_engine::event::{Event, Host, Token};
use gleaner_shared::id::{AccountId, Digest, GrantId, HostId, JobId, LeaseId};
use gleaner_shared::limits::LEASE_DEFAULT;
use gleaner_shared::measure::{Millis, Time};
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Outcome, Receipt, Settlement};

pub(crate) const JOB: JobId = JobId(1);
pub(crate) const DOCS: u32 = 10;
const THREADS: u16 = 1_024;

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) now: Time,
    hosts: BTreeMap<u8, Host>,
    tokens: u64,
    /// How many documents each slice has.
    docs: u32,
    /// Of hosts that connect: so many that no grant is smaller than what was asked for.
    pub(crate) threads: u16,
    /// Writes and tells of the last batch.
    pub(crate) writes: Vec<Write>,
    pub(crate) tells: Vec<Tell>,
}

pub(crate) fn host_id(number: u8) -> HostId {
    HostId([number; 32])
}

pub(crate) fn key(slice: u32) -> UnitKey {
    UnitKey { job: JOB, slice, docs: DocRange { first: 0, count: DOCS } }
}

pub(crate) fn lease(grant: u64, index: u16) -> LeaseId {
    LeaseId { grant: GrantId(grant), index }
}

pub(crate) fn records(letter: char) -> Outcome {
    Outcome::Records(digest(letter))
}

pub(crate) fn digest(letter: char) -> Digest {
    Digest([u8::try_from(letter).expect("tests use ASCII"); 32])
}

pub(crate) fn merged(letter: char) -> Settlement {
    Settlement::Merged(digest(letter))
}

pub(crate) fn policy(copies: u8, own_copies: u8) -> Policy {
    Policy { copies, own_copies, ..Policy::default() }
}

impl Desk {
    pub(crate) fn empty() -> Self {
        Self::of(Engine::new())
    }

    pub(crate) fn of(engine: Engine) -> Self {
        Self {
            engine,
            now: Time(1_000),
            hosts: BTreeMap::new(),
            tokens: 0,
            docs: DOCS,
            threads: THREADS,
            writes: vec![],
            tells: vec![],
        }
    }

    /// A desk with one job of so many slices, whose window is filled.
    pub(crate) fn with_job(slices: u32, policy: Policy) -> Self {
        let mut desk = Self::empty();
        desk.open(JOB, slices, policy);
        desk
    }

    /// The same with slices of so many documents.
    pub(crate) fn with_docs(docs: u32, slices: u32, policy: Policy) -> Self {
        let mut desk = Self { docs, ..Self::empty() };
        desk.open(JOB, slices, policy);
        desk
    }

    pub(crate) fn open(&mut self, job: JobId, slices: u32, policy: Policy) {
        self.batch([Event::JobOpened { job, policy, slices }]);
        self.answer_reads();
    }

    /// Answers what the engine asked of slices in the last batch.
    pub(crate) fn answer_reads(&mut self) {
        let docs = self.docs;
        let reads = self.tells.clone().into_iter().filter_map(|tell| match tell {
            Tell::ReadSlices { job, first, count } => {
                let docs = vec![docs; usize::try_from(count).expect("a count fits")];
                Some(Event::SlicesRead { job, first, docs })
            }
            _ => None,
        });
        let reads: Vec<Event> = reads.collect();
        if !reads.is_empty() {
            self.batch(reads);
        }
    }

    /// One batch: events in, effects out, writes before tells.
    pub(crate) fn batch(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.engine.handle(self.now, event);
        }
        self.engine.flush();
        self.writes.clear();
        self.tells.clear();
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Write(write) => {
                    assert!(self.tells.is_empty(), "a write after a tell");
                    self.writes.push(write);
                }
                Effect::Tell(tell) => self.tells.push(tell),
            }
        }
    }

    pub(crate) fn own(&mut self, number: u8) {
        self.connect(number, AccountId::OPERATOR, Standing::Own, &[]);
    }

    pub(crate) fn stranger(&mut self, number: u8) {
        self.connect(number, AccountId(u64::from(number)), Standing::Stranger, &[]);
    }

    pub(crate) fn connect(
        &mut self,
        number: u8,
        account: AccountId,
        standing: Standing,
        leases: &[LeaseId],
    ) {
        let host = Host { id: host_id(number), account, standing };
        self.hosts.insert(number, host);
        let threads = self.threads;
        self.batch([Event::HostConnected { host, threads, leases: leases.to_vec() }]);
    }

    /// A host that was connected before connects again and states what it holds.
    pub(crate) fn reconnect(&mut self, number: u8, leases: &[LeaseId]) {
        let (host, threads) = (self.hosts[&number], self.threads);
        self.batch([Event::HostConnected { host, threads, leases: leases.to_vec() }]);
    }

    /// Asks for work and gives the slices of the grant that came at once, if one did.
    pub(crate) fn want(&mut self, number: u8, units: u16) -> Vec<u32> {
        self.batch([Event::Wanted { host: host_id(number), request: 7, units }]);
        self.granted(number)
    }

    /// The slices granted to a host in the last batch.
    pub(crate) fn granted(&self, number: u8) -> Vec<u32> {
        let of_host = self.tells.iter().filter_map(|tell| match tell {
            Tell::Grant { host, units, .. } if *host == host_id(number) => Some(units),
            _ => None,
        });
        of_host.flatten().map(|(slice, _)| *slice).collect()
    }

    /// The units granted to a host in the last batch, with their leases.
    pub(crate) fn leased(&self, number: u8) -> Vec<(LeaseId, UnitKey)> {
        let of_host = self.tells.iter().filter_map(|tell| match tell {
            Tell::Grant { host, grant, job, units, .. } if *host == host_id(number) => {
                Some((grant, job, units))
            }
            _ => None,
        });
        let units = of_host.flat_map(|(&grant, &job, units)| {
            let lease = move |index| LeaseId { grant, index };
            (0..)
                .zip(units)
                .map(move |(index, &(slice, docs))| (lease(index), UnitKey { job, slice, docs }))
        });
        units.collect()
    }

    /// The number of the grant in the last batch.
    pub(crate) fn grant(&self) -> u64 {
        let mut grants = self.tells.iter().filter_map(|tell| match tell {
            Tell::Grant { grant, .. } => Some(grant.0),
            _ => None,
        });
        grants.next().expect("a grant was told")
    }

    pub(crate) fn give(&mut self, number: u8, slice: u32, outcome: Outcome) -> Receipt {
        let docs = DocRange { first: 0, count: self.docs };
        self.give_unit(number, UnitKey { docs, ..key(slice) }, outcome)
    }

    pub(crate) fn give_unit(&mut self, number: u8, unit: UnitKey, outcome: Outcome) -> Receipt {
        let host = self.hosts[&number];
        self.tokens += 1;
        let token = Token(self.tokens);
        self.batch([Event::Returned { host, unit, outcome, token }]);
        let mut receipts = self.tells.iter().filter_map(|tell| match tell {
            Tell::Receipt { token: told, receipt } if *told == token => Some(*receipt),
            _ => None,
        });
        let receipt = receipts.next().expect("every result is answered");
        assert_eq!(receipts.next(), None, "every result is answered once");
        receipt
    }

    pub(crate) fn tick(&mut self, by: Millis) {
        self.now = self.now + by;
        self.batch([Event::Ticked]);
    }

    /// Lets every lease run out that is not renewed.
    pub(crate) fn let_run_out(&mut self) {
        self.tick(LEASE_DEFAULT);
    }

    pub(crate) fn settled(&self) -> Vec<(u32, Settlement)> {
        let settled = self.writes.iter().filter_map(|write| match write {
            Write::UnitSettle { unit, settlement, .. } => Some((unit.slice, *settlement)),
            _ => None,
        });
        settled.collect()
    }

    pub(crate) fn cancelled(&self, number: u8) -> Vec<LeaseId> {
        let of_host = self.tells.iter().filter_map(|tell| match tell {
            Tell::Cancel { host, leases } if *host == host_id(number) => Some(leases),
            _ => None,
        });
        of_host.flatten().copied().collect()
    }

    pub(crate) fn state(&self) -> Option<JobState> {
        self.engine.job(JOB).map(|job| job.row.state)
    }
}
