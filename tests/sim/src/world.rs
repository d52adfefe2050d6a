//! A world: hosts, network, server, store and operator in virtual time, one happening after another.

use std::collections::BTreeMap;

use gleaner_shared::id::HostId;
use gleaner_shared::measure::{Millis, Time};

use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::driver::{Driver, Stage};
use crate::host::Client;
use crate::invariant::{Illegal, broken};
use crate::message::{Conn, Happening};
use crate::operator::Order;
use crate::rng::{Rng, mix};
use crate::run::Report;
use crate::server::Service;
use crate::setup::{Faults, Nature, Setup};
use crate::store::Store;

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) setup: Setup,
    pub(crate) rng: Rng,
    pub(crate) agenda: Agenda<Happening>,
    pub(crate) store: Store,
    pub(crate) driver: Driver,
    pub(crate) clients: Vec<Client>,
    pub(crate) indices: BTreeMap<HostId, usize>,
    /// The server's side of connections: the current one, the greatest seen, banned until.
    pub(crate) conns: Vec<Option<Conn>>,
    pub(crate) seen: Vec<Conn>,
    pub(crate) banned: Vec<Time>,
    pub(crate) orders: Vec<Order>,
    /// What goes wrong at present.
    pub(crate) faults: Faults,
    pub(crate) is_healed: bool,
    pub(crate) service: Service,
    pub(crate) clock: Clock,
    /// Until when the server, and each host, does nothing.
    pub(crate) frozen_until: Time,
    pub(crate) stopped_until: Vec<Time>,
    /// Until when no commit goes through.
    pub(crate) full_until: Time,
    /// How often hosts look around.
    pub(crate) beat: Millis,
    pub(crate) report: Report,
}

impl World {
    pub(crate) fn new(seed: u64, units: u32) -> Result<Self, Illegal> {
        let mut rng = Rng::new(seed);
        let setup = Setup::draw(&mut rng, units);
        Self::of(setup, rng)
    }

    /// A world as it is set up.
    pub(crate) fn of(setup: Setup, rng: Rng) -> Result<Self, Illegal> {
        let store = Store::new(setup.truth, liars(&setup));
        let driver = Driver::start(&store, Time(0), 1)
            .map_err(|error| broken!(Restore, "no start: {error}"))?;
        let clients: Vec<Client> =
            setup.hosts.iter().enumerate().map(|(index, plan)| Client::new(index, plan)).collect();
        let mut world = Self {
            rng,
            agenda: Agenda::new(),
            store,
            driver,
            indices: clients.iter().map(|client| (client.host.id, client.index)).collect(),
            conns: vec![None; clients.len()],
            seen: vec![0; clients.len()],
            banned: vec![Time(0); clients.len()],
            stopped_until: vec![Time(0); clients.len()],
            orders: vec![Order::default(); setup.jobs.len()],
            clients,
            faults: setup.faults,
            is_healed: false,
            service: Service::Up,
            clock: Clock::default(),
            frozen_until: Time(0),
            full_until: Time(0),
            beat: setup.beat,
            report: Report::default(),
            setup,
        };
        world.agenda.put(Millis(0), Happening::Operator);
        world.agenda.put(Millis(0), Happening::Weather);
        world.agenda.put(world.setup.heal, Happening::Heal);
        for (host, plan) in world.setup.hosts.iter().enumerate() {
            world.agenda.put(plan.joins, Happening::Beat { host });
            if let Some(after) = plan.vanishes {
                world.agenda.put(after, Happening::Vanishes { host });
            }
        }
        Ok(world)
    }

    /// What is about to happen, for people.
    pub(crate) fn next_line(&self) -> Option<String> {
        let (at, what) = self.agenda.peek()?;
        let doing = match (what, &self.driver.stage) {
            (Happening::Committed { .. }, Stage::Committing(batch)) => format!("{batch:?}"),
            (Happening::Gather { .. }, _) => format!("{:?}", self.driver.inbox),
            _ => String::new(),
        };
        Some(format!("{at} #{} {what:?} {doing}", self.report.steps + 1))
    }

    /// The next thing happens; false when everything has ended.
    pub(crate) fn step(&mut self) -> Result<bool, Illegal> {
        let Some(happening) = self.agenda.take() else {
            return Err(broken!(Ends, "nothing happens any more, but jobs are open"));
        };
        self.report.steps += 1;
        self.report.trace = mix(self.report.trace ^ self.agenda.now().0 ^ kind(&happening) << 56);
        self.happen(happening)?;
        if self.has_ended() {
            self.store.check_all()?;
            self.report.merges = u64::try_from(self.store.merges.len()).unwrap_or(u64::MAX);
            return Ok(false);
        }
        if self.agenda.now() > Time(self.setup.end.0) {
            let reasons: Vec<_> = self
                .driver
                .engine
                .jobs()
                .map(|job| (job, self.driver.engine.why(job.job)))
                .collect();
            return Err(broken!(Ends, "jobs have not ended in time: {reasons:?}"));
        }
        Ok(true)
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Illegal> {
        let current = self.driver.life;
        let sleeps = self.sleeps(&happening);
        if sleeps > Millis(0) {
            self.agenda.put(sleeps, happening);
            return Ok(());
        }
        match happening {
            Happening::Up { host, conn, message } => self.at_server(host, conn, message),
            Happening::Down { host, conn, message } => self.at_host(host, conn, message),
            Happening::Gather { life } if life == current && self.is_up() => self.gather(),
            Happening::Committed { life } if life == current && self.is_up() => {
                return self.committed();
            }
            Happening::Tick { life } if life == current && self.is_up() => self.tick(),
            Happening::Wakes { life } if life == current && self.is_up() => self.tick_later(),
            Happening::Ready { life, event } if life == current => self.push(event),
            Happening::Gather { .. }
            | Happening::Committed { .. }
            | Happening::Tick { .. }
            | Happening::Wakes { .. }
            | Happening::Ready { .. } => {}
            Happening::ServerUp => return self.restart(),
            Happening::Beat { host } => self.beat(host),
            Happening::Computed { host, life, lease } => self.computed(host, life, lease),
            Happening::Vanishes { host } => self.vanish(host),
            Happening::Operator => self.operate(),
            Happening::Weather => self.weather(),
            Happening::Heal => self.heal(),
        }
        Ok(())
    }

    fn heal(&mut self) {
        self.faults = Faults::default();
        self.is_healed = true;
        self.banned.fill(Time(0));
        self.hogs_leave();
    }

    /// Counts what happened, by name.
    pub(crate) fn meet(&mut self, name: &'static str) {
        *self.report.met.entry(name).or_default() += 1;
    }

    fn has_ended(&self) -> bool {
        matches!(self.driver.stage, Stage::Idle)
            && self.driver.inbox.is_empty()
            && self.store.jobs.len() == self.setup.jobs.len()
            && self.store.all_ended()
    }
}

/// How many accounts may say the same wrong thing.
fn liars(setup: &Setup) -> usize {
    let accounts = |nature| {
        let lying = setup.hosts.iter().filter(move |plan| plan.nature == nature);
        lying.map(|plan| plan.account).collect::<std::collections::BTreeSet<_>>().len()
    };
    let alone = accounts(Nature::LiesAlone).min(1);
    alone.max(accounts(Nature::Colludes)).max(accounts(Nature::ClaimsCrashes))
}

/// A number for each kind of happening, for the trace.
fn kind(happening: &Happening) -> u64 {
    match happening {
        Happening::Up { .. } => 1,
        Happening::Down { .. } => 2,
        Happening::Gather { .. } => 3,
        Happening::Committed { .. } => 4,
        Happening::Tick { .. } => 5,
        Happening::Ready { .. } => 6,
        Happening::ServerUp => 7,
        Happening::Beat { .. } => 8,
        Happening::Computed { .. } => 9,
        Happening::Operator => 10,
        Happening::Heal => 11,
        Happening::Vanishes { .. } => 12,
        Happening::Weather => 13,
        Happening::Wakes { .. } => 14,
    }
}
