//! The driver of the engine: gathers events, lets the engine decide, commits, then tells.
//!
//! Nothing is told before its commit. After a commit that failed, or of which nothing is known, the
//! engine is dropped and restored from the store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use gleaner_engine::effect::{Effect, JobState, Tell, Write};
use gleaner_engine::event::{Event, Host, Token};
use gleaner_engine::{Engine, RestoreError};
use gleaner_shared::id::{HostId, LeaseId};
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::{Outcome, Receipt};

use crate::invariant::{Illegal, broken, ensure};
use crate::message::{Conn, HostIndex};
use crate::store::Store;

/// An engine with what it was not told yet and what is not committed yet.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) engine: Engine,
    /// Which engine this is: one more at each restore.
    pub(crate) life: u32,
    pub(crate) inbox: VecDeque<Event>,
    pub(crate) stage: Stage,
    deliveries: BTreeMap<Token, Delivery>,
    last_token: u64,
}

/// What the driver does.
#[derive(Debug)]
pub(crate) enum Stage {
    Idle,
    Gathering,
    Committing(Batch),
}

#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) writes: Vec<Write>,
    pub(crate) tells: Vec<Tell>,
    pub(crate) causes: Causes,
}

/// What may end leases in a batch, by the events that the engine was given.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    /// How long servers had been up.
    pub(crate) uptime: Time,
    /// Hosts that spoke of their leases, or were banned.
    pub(crate) hosts: BTreeSet<HostId>,
    /// Units that had results.
    pub(crate) units: BTreeSet<UnitKey>,
    /// What hosts that connected last said that they hold.
    pub(crate) stated: BTreeMap<HostId, Vec<LeaseId>>,
}

impl Causes {
    fn note(&mut self, event: &Event) {
        match event {
            Event::HostConnected { host, leases, .. } => {
                self.hosts.insert(host.id);
                self.stated.insert(host.id, leases.clone());
            }
            Event::HostBanned(host) | Event::Released { host, .. } => {
                self.hosts.insert(*host);
            }
            Event::Returned { host, unit, .. } => {
                self.hosts.insert(host.id);
                self.units.insert(*unit);
            }
            _ => {}
        }
    }
}

/// A result that came in and awaits its receipt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) index: HostIndex,
    pub(crate) conn: Conn,
    pub(crate) number: u64,
    pub(crate) host: Host,
    pub(crate) unit: UnitKey,
    pub(crate) outcome: Outcome,
}

/// How a commit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Commits,
    /// The store says no; the server lives.
    Fails,
    CrashesBefore,
    CrashesAfter,
    /// After it has told so much.
    CrashesTelling(usize),
    /// All is on disk, and the server hears that nothing is.
    Unknown,
}

/// What was told, with the delivery that a receipt answers.
pub(crate) type Told = Vec<(Tell, Option<Delivery>)>;

impl Driver {
    pub(crate) fn start(store: &Store, now: Time, life: u32) -> Result<Self, RestoreError> {
        Ok(Self {
            engine: Engine::restore(now, store.snapshot())?,
            life,
            inbox: VecDeque::new(),
            stage: Stage::Idle,
            deliveries: BTreeMap::new(),
            last_token: 0,
        })
    }

    /// A result has come, its bytes are durable.
    pub(crate) fn receive(&mut self, delivery: Delivery) {
        self.last_token += 1;
        let token = Token(self.last_token);
        self.deliveries.insert(token, delivery);
        let Delivery { host, unit, outcome, .. } = delivery;
        self.inbox.push_back(Event::Returned { host, unit, outcome, token });
    }

    /// Lets the engine decide on so many of the events that have come.
    pub(crate) fn gather(&mut self, now: Time, uptime: Time, most: usize) {
        let mut causes = Causes { uptime, ..Causes::default() };
        for event in self.inbox.drain(..most.min(self.inbox.len())) {
            causes.note(&event);
            self.engine.handle(now, event);
        }
        self.engine.flush();
        let mut batch = Batch { writes: vec![], tells: vec![], causes };
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Write(write) => batch.writes.push(write),
                Effect::Tell(tell) => batch.tells.push(tell),
            }
        }
        self.stage = Stage::Committing(batch);
    }

    /// Ends the commit, and tells what is to be told.
    pub(crate) fn end(&mut self, store: &mut Store, fate: Fate) -> Result<Told, Illegal> {
        let mut told = vec![];
        let Stage::Committing(batch) = std::mem::replace(&mut self.stage, Stage::Idle) else {
            return Ok(told);
        };
        match fate {
            Fate::Fails | Fate::CrashesBefore => {}
            Fate::CrashesAfter | Fate::Unknown => store.commit(&batch.writes, &batch.causes)?,
            Fate::CrashesTelling(_) | Fate::Commits => {
                store.commit(&batch.writes, &batch.causes)?;
                self.tell(store, batch.tells, &mut told)?;
            }
        }
        if let Fate::CrashesTelling(count) = fate {
            told.truncate(count);
        }
        Ok(told)
    }

    /// How many tells the batch that is being committed has.
    pub(crate) fn tells(&self) -> usize {
        if let Stage::Committing(batch) = &self.stage { batch.tells.len() } else { 0 }
    }

    fn tell(&mut self, store: &Store, tells: Vec<Tell>, told: &mut Told) -> Result<(), Illegal> {
        for tell in tells {
            let delivery = match &tell {
                Tell::Receipt { token, .. } => self.deliveries.remove(token),
                _ => None,
            };
            check(store, &tell, delivery.as_ref())?;
            told.push((tell, delivery));
        }
        Ok(())
    }
}

/// What is told must be so on disk by now.
fn check(store: &Store, tell: &Tell, delivery: Option<&Delivery>) -> Result<(), Illegal> {
    match tell {
        Tell::Grant { grant, .. } => {
            ensure!(
                Told,
                store.grants.contains_key(grant),
                "grant {grant} is told, but not on disk"
            );
        }
        Tell::Cancel { host, leases } => {
            for lease in leases {
                let holds = store.holder(*lease) == Some(*host);
                ensure!(Told, !holds, "open lease {lease} is cancelled");
            }
        }
        Tell::Receipt { receipt, .. } => {
            let Some(delivery) = delivery else {
                return Err(broken!(Receipts, "{tell:?} answers nothing"));
            };
            check_receipt(store, *receipt, delivery)?;
        }
        Tell::Finish { job, generation } => {
            let row = store.jobs.get(job);
            ensure!(
                Told,
                row.is_some_and(
                    |row| row.state == JobState::Finishing && row.generation == *generation
                ),
                "job {job} is told to finish, but is {row:?}"
            );
        }
        Tell::ReadSlices { .. } => {}
    }
    Ok(())
}

fn check_receipt(store: &Store, receipt: Receipt, delivery: &Delivery) -> Result<(), Illegal> {
    let Delivery { host, unit, outcome, .. } = *delivery;
    let so = match receipt {
        Receipt::Kept => store.is_kept(host.id, unit, outcome),
        // A unit that had ended may have been retried later in the batch.
        Receipt::Late => {
            host.standing == Standing::Stranger
                || store.has_ended(unit)
                || store.reopened.contains(&unit)
        }
        // A job that was done once may have been retried later in the batch.
        Receipt::Gone => store.jobs.get(&unit.job).is_none_or(|row| {
            row.generation > 0 || matches!(row.state, JobState::Done | JobState::Cancelled)
        }),
    };
    ensure!(Receipts, so, "{receipt:?} is told of {delivery:?}, which is not so on disk");
    Ok(())
}
