//! The server, its clients and their disks, and what is done to them.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use gleaner_tidy::Failpoint;
use rustix::process::Signal;

use super::actor::Actor;
use super::tally::Tally;
use crate::process::Ended;
use crate::{Chance, Client, Disk, Server, World};

/// What is done from outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Strike {
    KillServer,
    StopServer,
    FreezeServer,
    FillServer,
    KillClient,
    StopClient,
    FreezeClient,
    /// For longer than a lease lasts: it wakes as a zombie and delivers late.
    FreezeLong,
    FillClient,
    KillAll,
}

pub(super) const STRIKES: [Strike; 12] = [
    Strike::KillServer,
    Strike::KillServer,
    Strike::StopServer,
    Strike::FreezeServer,
    Strike::FillServer,
    Strike::KillClient,
    Strike::KillClient,
    Strike::StopClient,
    Strike::FreezeClient,
    Strike::FreezeLong,
    Strike::FillClient,
    Strike::KillAll,
];

/// Milliseconds of each.
const FREEZE_MS: (u64, u64) = (100, 900);
const FREEZE_LONG_MS: (u64, u64) = (8_500, 10_500);
const FULL_MS: (u64, u64) = (200, 900);
/// How often the server is started until it stays up.
const STARTS_MAX: usize = 40;

/// A server with one crew of clients.
pub(super) struct Site<'w> {
    pub(super) server: Server<'w>,
    server_disk: Option<Disk>,
    server_actor: Actor,
    pub(super) clients: Vec<(Client<'w>, Actor)>,
    client_disk: Option<Disk>,
    pub(super) tally: Tally,
    /// Whether units were at hosts when it was looked last.
    pub(super) open: bool,
    /// Whether faults are made.
    armed: bool,
}

impl<'w> Site<'w> {
    /// A server that runs, on a small disk if this machine can have one.
    pub(super) fn begin(
        world: &'w World,
        points: &[Failpoint],
        chance: &mut Chance,
    ) -> Result<Self> {
        let server_disk = Disk::small(&world.path("server-disk"), 192)?;
        let client_disk = Disk::small(&world.path("client-disk"), 64)?;
        let data = server_disk.as_ref().map_or(world.path("data"), |disk| disk.path().join("data"));
        Ok(Self {
            server: Server::start(world, &data)?,
            server_disk,
            server_actor: Actor::new(world, ("server", "server."), points, chance),
            clients: Vec::new(),
            client_disk,
            tally: Tally::default(),
            open: false,
            armed: false,
        })
    }

    /// Lets clients join, who do not run yet.
    pub(super) fn join(
        &mut self,
        world: &'w World,
        (names, flags): (&[&str], &[&str]),
        points: &[Failpoint],
        chance: &mut Chance,
    ) -> Result<()> {
        for name in names {
            let invite = self.server.admin().invite(flags)?;
            let data = match &self.client_disk {
                Some(disk) => disk.path().join(name),
                None => world.path(name),
            };
            let client = Client::join_in(world, name, &data, &invite)?;
            self.clients.push((client, Actor::new(world, (name, "client."), points, chance)));
        }
        Ok(())
    }

    /// From now on programs begin with plans.
    pub(super) fn arm(&mut self) {
        self.armed = true;
    }

    /// Counts what the failpoints did.
    pub(super) fn hear(&mut self) -> Result<()> {
        let clients = self.clients.iter_mut().map(|(_, actor)| actor);
        for actor in clients.chain([&mut self.server_actor]) {
            for fired in actor.news()? {
                self.tally.add(&format!("{:?} at a point", fired.act), self.open);
            }
        }
        Ok(())
    }

    /// Starts again who has ended, and lets those go on who were frozen for long enough.
    pub(super) fn raise(&mut self, running: &[usize], chance: &mut Chance) -> Result<()> {
        if let Some(ended) = self.server.ended()? {
            self.hear()?;
            excused(&self.server_actor, ended)?;
        }
        if !self.server.is_up() {
            self.raise_server(chance)?;
        }
        for &at in running {
            let ended = self.clients[at].0.ended()?;
            if let Some(ended) = ended {
                self.hear()?;
                excused(&self.clients[at].1, ended)?;
            }
            let (client, actor) = &mut self.clients[at];
            if !client.is_up() {
                let plan = if self.armed { actor.plan(chance) } else { String::new() };
                client.plan(&plan);
                client.start()?;
            } else if actor.frozen.is_some_and(|until| until <= Instant::now()) {
                actor.frozen = None;
                client.process()?.signal(Signal::CONT)?;
            }
        }
        Ok(())
    }

    fn raise_server(&mut self, chance: &mut Chance) -> Result<()> {
        for _ in 0..STARTS_MAX {
            let plan = if self.armed { self.server_actor.plan(chance) } else { String::new() };
            self.server.plan(&plan);
            let Some(ended) = self.server.try_restart()? else { return Ok(()) };
            self.hear()?;
            excused(&self.server_actor, ended)?;
        }
        bail!("the server did not stay up in {STARTS_MAX} starts")
    }

    /// Does something from outside; `running` clients only.
    pub(super) fn strike(
        &mut self,
        strike: Strike,
        running: &[usize],
        chance: &mut Chance,
    ) -> Result<()> {
        let at = chance.pick(running);
        let pause = |range: (u64, u64), chance: &mut Chance| {
            Duration::from_millis(chance.between(range.0, range.1))
        };
        let kind = match strike {
            Strike::KillServer => {
                self.server.kill()?;
                "kill -9 of the server"
            }
            Strike::StopServer => {
                let ended = self.server.try_stop()?;
                self.hear()?;
                stopped(&self.server_actor, ended)?;
                "SIGTERM of the server"
            }
            Strike::FreezeServer => {
                self.server.process()?.signal(Signal::STOP)?;
                sleep(pause(FREEZE_MS, chance));
                self.server.process()?.signal(Signal::CONT)?;
                "SIGSTOP of the server"
            }
            Strike::FillServer => {
                full(self.server_disk.as_ref(), pause(FULL_MS, chance), "server")?
            }
            Strike::KillClient => {
                self.clients[at].0.kill()?;
                "kill -9 of a client"
            }
            Strike::StopClient => {
                self.thaw(at)?;
                let ended = self.clients[at].0.try_stop()?;
                self.hear()?;
                stopped(&self.clients[at].1, ended)?;
                "SIGTERM of a client"
            }
            Strike::FreezeClient => self.freeze(at, pause(FREEZE_MS, chance))?,
            Strike::FreezeLong => self.freeze(at, pause(FREEZE_LONG_MS, chance))?,
            Strike::FillClient => {
                full(self.client_disk.as_ref(), pause(FULL_MS, chance), "client")?
            }
            Strike::KillAll => {
                self.server.kill()?;
                for &at in running {
                    self.clients[at].0.kill()?;
                }
                "kill -9 of all"
            }
        };
        if !kind.is_empty() {
            self.tally.add(kind, self.open);
        }
        Ok(())
    }

    fn freeze(&mut self, at: usize, time: Duration) -> Result<&'static str> {
        let (client, actor) = &mut self.clients[at];
        client.process()?.signal(Signal::STOP)?;
        actor.frozen = Some(Instant::now() + time);
        Ok(if time.as_millis() >= FREEZE_LONG_MS.0.into() {
            "SIGSTOP of a client past its leases"
        } else {
            "SIGSTOP of a client"
        })
    }

    fn thaw(&mut self, at: usize) -> Result<()> {
        let (client, actor) = &mut self.clients[at];
        if actor.frozen.take().is_some() {
            client.process()?.signal(Signal::CONT)?;
        }
        Ok(())
    }

    /// No more faults: all programs begin again without plans.
    pub(super) fn heal(&mut self, running: &[usize], chance: &mut Chance) -> Result<()> {
        self.armed = false;
        for &at in running {
            let ended = self.clients[at].0.ended()?;
            if ended.is_none() && self.clients[at].0.is_up() {
                self.thaw(at)?;
                let ended = self.clients[at].0.try_stop()?;
                self.hear()?;
                stopped(&self.clients[at].1, ended)?;
            } else if let Some(ended) = ended {
                self.hear()?;
                excused(&self.clients[at].1, ended)?;
            }
        }
        if self.server.is_up() {
            let ended = self.server.try_stop()?;
            self.hear()?;
            stopped(&self.server_actor, ended)?;
        }
        self.raise(running, chance)
    }

    /// Points that were reached, and at which programs died.
    pub(super) fn reached(&self) -> (Vec<String>, Vec<String>) {
        let (mut reached, mut killed) = self.server_actor.reached();
        for (_, actor) in &self.clients {
            let (more, dead) = actor.reached();
            reached.extend(more);
            killed.extend(dead);
        }
        (reached, killed)
    }
}

fn excused(actor: &Actor, ended: Ended) -> Result<()> {
    if actor.may_end(ended) {
        return Ok(());
    }
    bail!("{} has ended with {ended:?}, and nothing was done to it", actor.name)
}

/// Who was told to stop ends well, or of what was done to it.
fn stopped(actor: &Actor, ended: Ended) -> Result<()> {
    if ended == Ended::Code(0) { Ok(()) } else { excused(actor, ended) }
}

/// Fills a disk for a while; nothing where there is none.
fn full(disk: Option<&Disk>, time: Duration, whose: &str) -> Result<&'static str> {
    let Some(disk) = disk else { return Ok("") };
    let filler = disk.fill()?;
    sleep(time);
    drop(filler);
    Ok(if whose == "server" { "full disk of the server" } else { "full disk of the clients" })
}
