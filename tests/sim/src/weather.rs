//! What befalls the server besides crashes: it is stopped, suspended, upgraded; its clock is set, its
//! disk is full. Every two seconds something may begin.

use gleaner_engine::event::Event;
use gleaner_shared::measure::{Millis, Time};

use crate::message::{Happening, HostIndex};
use crate::server::Service;
use crate::world::World;

impl World {
    /// Something may begin.
    pub(crate) fn weather(&mut self) {
        if self.is_healed {
            return;
        }
        self.agenda.put(Millis(2_000), Happening::Weather);
        let faults = self.faults;
        if self.rng.chance(faults.clock_jumps) {
            self.jump();
        }
        if self.rng.chance(faults.full) {
            self.meet("the store is full for a while");
            self.full_until = self.agenda.now() + Millis(self.rng.between(500, 20_000));
        }
        if self.service != Service::Up || self.agenda.now() < self.frozen_until {
            return;
        }
        if self.rng.chance(faults.stops) {
            self.meet("the server is stopped for a while");
            self.freeze();
        } else if self.rng.chance(faults.suspends) {
            self.meet("the server's machine is suspended");
            let lasts = self.freeze();
            self.clock.stands(lasts);
            // Its timers slept too.
            self.agenda.put(lasts, Happening::Wakes { life: self.driver.life });
        } else if self.rng.chance(faults.upgrades) {
            self.drain();
        }
    }

    /// The wall clock jumps ahead by up to a day, or back.
    fn jump(&mut self) {
        let before = self.clock.wall(self.agenda.now());
        let ahead = Millis(self.rng.below(86_400_000));
        self.clock.jumps_to(ahead);
        let is_ahead = self.clock.wall(self.agenda.now()) > before;
        self.meet(if is_ahead { "the clock jumps ahead" } else { "the clock jumps back" });
    }

    /// The server does nothing for a while. What happens to it meanwhile happens to it afterwards.
    fn freeze(&mut self) -> Millis {
        let lasts = Millis(self.rng.between(100, 90_000));
        self.frozen_until = self.agenda.now() + lasts;
        lasts
    }

    /// The server stops as for an upgrade: nobody comes in, what has come in is decided.
    fn drain(&mut self) {
        self.meet("an upgrade");
        self.service = Service::Drains;
        for index in 0..self.clients.len() {
            if self.conns[index].is_some() {
                self.host_loses(index);
                self.push(Event::HostLost(self.clients[index].host.id));
            }
        }
        self.push(Event::Ticked);
    }

    /// How long it takes until that which this happens to is awake.
    pub(crate) fn sleeps(&self, happening: &Happening) -> Millis {
        let until = match *happening {
            Happening::Up { .. }
            | Happening::Gather { .. }
            | Happening::Committed { .. }
            | Happening::Tick { .. }
            | Happening::Ready { .. } => self.frozen_until,
            Happening::Down { host, .. }
            | Happening::Beat { host }
            | Happening::Computed { host, .. } => self.stopped_until[host],
            _ => Time(0),
        };
        until - self.agenda.now()
    }

    /// A host's process is stopped, and goes on much later as if nothing had been.
    pub(crate) fn stop_host(&mut self, index: HostIndex) {
        self.meet("a host is stopped and goes on");
        let lasts = Millis(self.rng.between(1_000, 120_000));
        self.stopped_until[index] = self.agenda.now() + lasts;
        self.server_loses(index);
    }
}
