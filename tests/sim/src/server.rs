//! The server in the world: its driver's batches, its connections, its crashes and restarts.

use gleaner_engine::effect::Tell;
use gleaner_engine::event::Event;
use gleaner_shared::limits::BATCH_EVENTS_MAX;
use gleaner_shared::measure::{Millis, Time};

use crate::driver::{Delivery, Driver, Fate, Stage, Told};
use crate::invariant::{Illegal, broken};
use crate::message::{Conn, Down, Happening, HostIndex, Up};
use crate::truth::docs_of;
use crate::world::World;

/// Whether a server is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Up,
    /// It ends what has begun, and lets nobody in.
    Drains,
    Down,
}

impl World {
    /// Something reaches the server.
    pub(crate) fn at_server(&mut self, index: HostIndex, conn: Conn, message: Up) {
        let host = self.clients[index].host;
        let is_current = self.conns[index] == Some(conn);
        match message {
            Up::Hello { leases } => {
                if conn > self.seen[index]
                    && self.service == Service::Up
                    && self.clock.wall(self.agenda.now()) >= self.banned[index]
                {
                    self.seen[index] = conn;
                    self.replace(index);
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
                if self.is_up() {
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
        if self.is_up() {
            self.driver.inbox.push_back(event);
            self.wake();
        }
    }

    /// The driver starts to gather, if it is idle.
    pub(crate) fn wake(&mut self) {
        if matches!(self.driver.stage, Stage::Idle) {
            self.driver.stage = Stage::Gathering;
            // With a full disk there is no point in hurry.
            let is_full = self.agenda.now() < self.full_until;
            let after = Millis(self.rng.below(if is_full { 1_000 } else { 10 }));
            self.agenda.put(after, Happening::Gather { life: self.driver.life });
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.service != Service::Down
    }

    pub(crate) fn lease_time(&self) -> Time {
        self.clock.lease_time(self.agenda.now())
    }

    /// Of hosts with one key only the one that came last is connected.
    fn replace(&mut self, index: HostIndex) {
        let id = self.clients[index].host.id;
        if let Some(other) = self.indices.insert(id, index)
            && other != index
        {
            self.meet("a clone connects");
            self.host_loses(other);
        }
    }

    pub(crate) fn gather(&mut self) {
        let now = self.lease_time();
        let most = if self.rng.chance(200) { 1 } else { BATCH_EVENTS_MAX };
        self.report.events += u64::try_from(most.min(self.driver.inbox.len())).unwrap_or(0);
        let uptime = self.clock.uptime(self.agenda.now());
        self.driver.gather(now, uptime, most);
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
            Fate::Commits if self.service == Service::Drains && self.driver.inbox.is_empty() => {
                self.guard_all()?;
                self.stop();
                Ok(())
            }
            Fate::Commits => {
                self.guard()?;
                if self.rng.chance(20) {
                    self.guard_all()?;
                }
                if !self.driver.inbox.is_empty() {
                    self.wake();
                }
                self.tick_later();
                Ok(())
            }
            Fate::Fails | Fate::Unknown if self.service == Service::Up => self.restart(),
            _ => {
                self.report.crashes += 1;
                self.stop();
                Ok(())
            }
        }
    }

    fn fate(&mut self) -> Fate {
        let faults = self.faults;
        let tells = self.driver.tells();
        let (fate, name) = if self.agenda.now() < self.full_until && !self.is_healed {
            (Fate::Fails, "a commit into a full store")
        } else if self.rng.chance(faults.commit_fails) {
            (Fate::Fails, "a commit fails")
        } else if self.rng.chance(faults.commit_unknown) {
            (Fate::Unknown, "a commit whose end is not known")
        } else if self.rng.chance(faults.crash_before) {
            (Fate::CrashesBefore, "a crash before the commit")
        } else if self.rng.chance(faults.crash_after) {
            (Fate::CrashesAfter, "a crash after the commit")
        } else if tells > 1 && self.rng.chance(faults.crash_telling) {
            let most = u64::try_from(tells).unwrap_or(u64::MAX) - 1;
            let told = usize::try_from(self.rng.between(1, most)).unwrap_or(1);
            (Fate::CrashesTelling(told), "a crash amid what is told")
        } else {
            return Fate::Commits;
        };
        self.meet(name);
        fate
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

    pub(crate) fn tick_later(&mut self) {
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

    /// No server is up for a while.
    fn stop(&mut self) {
        self.service = Service::Down;
        self.close_all();
        let after = Millis(self.rng.between(100, 20_000));
        self.clock.stands(after);
        self.driver.life += 1;
        self.agenda.put(after, Happening::ServerUp);
    }

    /// The server is up again, with an engine from what is on disk.
    pub(crate) fn restart(&mut self) -> Result<(), Illegal> {
        self.report.restarts += 1;
        self.close_all();
        self.service = Service::Up;
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
        self.meet("a ban");
        let until = self.clock.wall(self.agenda.now()) + Millis(self.rng.between(1_000, 60_000));
        for twin in self.twins(index) {
            self.banned[twin] = until;
            self.host_loses(twin);
        }
        self.push(Event::HostBanned(self.clients[index].host.id));
    }
}
