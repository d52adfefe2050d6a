//! The server in the world: its driver's batches, its connections, its crashes and restarts.

use gleaner_engine::Engine;
use gleaner_engine::effect::Tell;
use gleaner_engine::event::Event;
use gleaner_shared::limits::BATCH_EVENTS_MAX;
use gleaner_shared::measure::{Millis, Time};

use crate::driver::{Delivery, Driver, Fate, Stage, Told};
use crate::invariant::{Illegal, broken, ensure};
use crate::message::{Conn, Down, Happening, HostIndex, Up};
use crate::truth::docs_of;
use crate::world::World;

impl World {
    /// Something reaches the server.
    pub(crate) fn at_server(&mut self, index: HostIndex, conn: Conn, message: Up) {
        let host = self.clients[index].host;
        let is_current = self.conns[index] == Some(conn);
        match message {
            Up::Hello { leases } => {
                if conn > self.seen[index] && self.is_up && self.agenda.now() >= self.banned[index]
                {
                    self.seen[index] = conn;
                    self.conns[index] = Some(conn);
                    let threads = self.clients[index].threads;
                    self.push(Event::HostConnected { host, threads, leases });
                }
            }
            Up::Lost if is_current => {
                self.conns[index] = None;
                self.push(Event::HostLost(host.id));
            }
            Up::Lost => {}
            _ if !is_current && !self.rng.chance(self.faults.stale) => {}
            Up::Result { number, unit, outcome } => {
                if self.is_up {
                    let delivery = Delivery { index, conn, number, host, unit, outcome };
                    self.driver.receive(delivery);
                    self.wake();
                }
            }
            Up::Wanted { request, units } => {
                self.push(Event::Wanted { host: host.id, request, units });
            }
            Up::Renewed { leases } => self.push(Event::Renewed { host: host.id, leases }),
            Up::Released { leases } => self.push(Event::Released { host: host.id, leases }),
        }
    }

    /// Puts an event into the driver's inbox.
    pub(crate) fn push(&mut self, event: Event) {
        if self.is_up {
            self.driver.inbox.push_back(event);
            self.wake();
        }
    }

    /// The driver starts to gather, if it is idle.
    pub(crate) fn wake(&mut self) {
        if matches!(self.driver.stage, Stage::Idle) {
            self.driver.stage = Stage::Gathering;
            let after = Millis(self.rng.below(10));
            self.agenda.put(after, Happening::Gather { life: self.driver.life });
        }
    }

    /// Lease time: how long servers of this store have been up.
    pub(crate) fn lease_time(&self) -> Time {
        Time(self.agenda.now().0.saturating_sub(self.down.0))
    }

    pub(crate) fn gather(&mut self) {
        let now = self.lease_time();
        let most = if self.rng.chance(200) { 1 } else { BATCH_EVENTS_MAX };
        self.report.events += u64::try_from(most.min(self.driver.inbox.len())).unwrap_or(0);
        self.driver.gather(now, most);
        let after = Millis(self.rng.between(1, 20));
        self.agenda.put(after, Happening::Committed { life: self.driver.life });
    }

    /// The commit ends as fate has it.
    pub(crate) fn committed(&mut self) -> Result<(), Illegal> {
        let fate = self.fate();
        let told = self.driver.end(&mut self.store, fate)?;
        self.report.batches += 1;
        self.dispatch(told);
        match fate {
            Fate::Commits => {
                if self.rng.chance(20) {
                    self.compare()?;
                }
                if !self.driver.inbox.is_empty() {
                    self.wake();
                }
                self.tick_later();
                Ok(())
            }
            Fate::Fails => self.restart(),
            Fate::CrashesBefore | Fate::CrashesAfter => {
                self.crash();
                Ok(())
            }
        }
    }

    fn fate(&mut self) -> Fate {
        if self.rng.chance(self.faults.commit_fails) {
            Fate::Fails
        } else if self.rng.chance(self.faults.crash_before) {
            Fate::CrashesBefore
        } else if self.rng.chance(self.faults.crash_after) {
            Fate::CrashesAfter
        } else {
            Fate::Commits
        }
    }

    fn dispatch(&mut self, told: Told) {
        let life = self.driver.life;
        for (tell, delivery) in told {
            match tell {
                Tell::Grant { host, request, grant, job, units } => {
                    if let Some(&index) = self.indices.get(&host) {
                        self.send_down(index, Down::Grant { request, grant, job, units });
                    }
                }
                Tell::Cancel { host, leases } => {
                    if let Some(&index) = self.indices.get(&host) {
                        self.send_down(index, Down::Cancel { leases });
                    }
                }
                Tell::Receipt { receipt, .. } => {
                    if let Some(Delivery { index, conn, number, .. }) = delivery
                        && self.conns[index] == Some(conn)
                    {
                        self.send_down(index, Down::Receipt { number, receipt });
                    }
                }
                Tell::ReadSlices { job, first, count } => {
                    let docs = (first..first + count).map(docs_of).collect();
                    let event = Event::SlicesRead { job, first, docs };
                    let after = Millis(self.rng.between(1, 50));
                    self.agenda.put(after, Happening::Ready { life, event });
                }
                Tell::Finish { job, .. } => {
                    let after = Millis(self.rng.between(1, 3_000));
                    let event = Event::Finished(job);
                    self.agenda.put(after, Happening::Ready { life, event });
                }
            }
        }
    }

    fn tick_later(&mut self) {
        if let Some(deadline) = self.driver.engine.next_deadline() {
            let after = deadline - self.lease_time();
            self.agenda.put(after, Happening::Tick { life: self.driver.life });
        }
    }

    /// The engine's deadline has come, unless an event has moved it.
    pub(crate) fn tick(&mut self) {
        let due = self.driver.engine.next_deadline().is_some_and(|at| at <= self.lease_time());
        if due && matches!(self.driver.stage, Stage::Idle) {
            self.push(Event::Ticked);
        }
    }

    fn crash(&mut self) {
        self.report.crashes += 1;
        self.is_up = false;
        self.close_all();
        let after = Millis(self.rng.between(100, 20_000));
        self.down.0 += after.0;
        self.driver.life += 1;
        self.agenda.put(after, Happening::ServerUp);
    }

    /// The server is up again, with an engine from what is on disk.
    pub(crate) fn restart(&mut self) -> Result<(), Illegal> {
        self.report.restarts += 1;
        self.close_all();
        self.is_up = true;
        let (now, life) = (self.lease_time(), self.driver.life + 1);
        self.driver = Driver::start(&self.store, now, life)
            .map_err(|error| broken!(Restore, "no restart: {error}"))?;
        self.wake();
        Ok(())
    }

    fn close_all(&mut self) {
        for index in 0..self.clients.len() {
            self.host_loses(index);
        }
    }

    pub(crate) fn ban(&mut self, index: HostIndex) {
        self.banned[index] = self.agenda.now() + Millis(self.rng.between(1_000, 60_000));
        self.host_loses(index);
        self.push(Event::HostBanned(self.clients[index].host.id));
    }

    /// An engine restored from the store must stand where the one that wrote it stands.
    fn compare(&self) -> Result<(), Illegal> {
        let restored = Engine::restore(self.lease_time(), self.store.snapshot())
            .map_err(|error| broken!(Restore, "no restart: {error}"))?;
        let live = &self.driver.engine;
        for (one, other) in live.jobs().zip(restored.jobs()) {
            ensure!(Restore, one == other, "restored it is {other:?}, but live {one:?}");
        }
        let leases = |engine: &Engine| {
            let holding = engine.hosts().filter(|host| host.leases > 0);
            holding.map(|host| (host.host.id, host.leases)).collect::<Vec<_>>()
        };
        ensure!(Restore, leases(live) == leases(&restored), "restored it has other leases than live");
        ensure!(Restore, live.jobs().count() == restored.jobs().count(), "restored it has other jobs");
        Ok(())
    }
}
