//! What hosts do in the world: connect, compute, deliver, break.

use gleaner_shared::id::{GrantId, LeaseId};
use gleaner_shared::verdict::Receipt;

use crate::host::{Client, Link};
use crate::message::{Conn, Down, Happening, HostIndex, Up};
use crate::world::World;

impl World {
    /// A host looks around: it connects, renews, delivers again, asks; or something befalls it.
    pub(crate) fn beat(&mut self, index: HostIndex) {
        if self.clients[index].link == Link::Vanished {
            return;
        }
        self.befall(index);
        let (now, beat) = (self.agenda.now(), self.beat);
        let client = &mut self.clients[index];
        match client.link {
            Link::Vanished => return,
            Link::Down => {
                let hello = client.connect(now);
                self.send_up(index, hello);
                // The rest is said at the next beat, when the connection stands.
            }
            Link::Up if client.is_deaf(now, beat) => self.cut(index),
            Link::Up => {
                for message in client.says(now, beat) {
                    self.send_up(index, message);
                }
            }
        }
        self.agenda.put(beat, Happening::Beat { host: index });
    }

    /// What may go wrong with a host at a beat.
    fn befall(&mut self, index: HostIndex) {
        let faults = self.faults;
        let rng = &mut self.rng;
        let client = &mut self.clients[index];
        if rng.chance(faults.vanish) {
            self.vanish(index);
        } else if rng.chance(faults.restart) {
            self.meet("a host starts again");
            let client = &mut self.clients[index];
            client.restarts();
            self.server_loses(index);
            self.compute(index);
        } else if rng.chance(faults.amnesia) {
            client.forgets();
            self.meet("a host loses its disk");
            self.server_loses(index);
        } else if rng.chance(faults.moves) {
            self.moves(index);
        } else if rng.chance(faults.hands_back) {
            if client.link == Link::Up
                && let Some(message) = client.hands_back(rng)
            {
                self.meet("a host hands units back");
                self.send_up(index, message);
                self.compute(index);
            }
        } else if rng.chance(faults.banned) {
            self.ban(index);
        } else {
            self.befall_rarely(index);
        }
    }

    /// What goes wrong with hosts that are cloned, flap, sleep or lie about leases.
    fn befall_rarely(&mut self, index: HostIndex) {
        let faults = self.faults;
        let rng = &mut self.rng;
        if rng.chance(faults.flaps) {
            self.meet("a host's connection flaps");
            self.cut(index);
        } else if rng.chance(faults.stopped) {
            self.stop_host(index);
        } else if rng.chance(faults.copied) {
            self.wake_as_twin(index);
        } else if rng.chance(faults.meddles) {
            self.meddle(index);
        }
    }

    /// The disk of a host's twin is copied over its own.
    fn wake_as_twin(&mut self, index: HostIndex) {
        let Some(twin) = self.twins(index).into_iter().find(|twin| *twin != index) else { return };
        self.meet("a clone has its twin's leases");
        let mut client = self.clients[index].clone();
        client.wakes_as(&self.clients[twin]);
        self.clients[index] = client;
        self.server_loses(index);
        self.compute(index);
    }

    /// All hosts with the key of this one.
    pub(crate) fn twins(&self, index: HostIndex) -> Vec<HostIndex> {
        let id = self.clients[index].host.id;
        let same = self.clients.iter().filter(|client| client.host.id == id);
        same.map(|client| client.index).collect()
    }

    /// A host comes under another account, and so does every process with its key.
    fn moves(&mut self, index: HostIndex) {
        let before = self.clients[index].host.account;
        self.clients[index].moves(&mut self.rng);
        let account = self.clients[index].host.account;
        if account != before {
            self.meet("a host comes under another account");
        }
        for twin in self.twins(index) {
            self.clients[twin].host.account = account;
            self.cut(twin);
        }
    }

    /// A host says that it has, or gives back, leases that may be anybody's.
    fn meddle(&mut self, index: HostIndex) {
        let leases: Vec<LeaseId> = (0..5)
            .map(|_| LeaseId {
                grant: GrantId(self.store.last_grant.saturating_sub(self.rng.below(30))),
                index: u16::try_from(self.rng.below(8)).unwrap_or(0),
            })
            .collect();
        if self.clients[index].link == Link::Up {
            self.meet("a host speaks of others' leases");
            let renews = self.rng.chance(500);
            let message = if renews { Up::Renewed { leases } } else { Up::Released { leases } };
            self.send_up(index, message);
        }
    }

    /// All faults stop; who only hogs leaves.
    pub(crate) fn hogs_leave(&mut self) {
        let hogs = |client: &&Client| client.never_computes();
        let leaving: Vec<HostIndex> =
            self.clients.iter().filter(hogs).map(|client| client.index).collect();
        for index in leaving {
            self.vanish(index);
        }
    }

    /// A host's connection breaks.
    pub(crate) fn cut(&mut self, index: HostIndex) {
        self.clients[index].disconnect();
        self.server_loses(index);
    }

    /// Something reaches a host.
    pub(crate) fn at_host(&mut self, index: HostIndex, conn: Conn, message: Down) {
        let now = self.agenda.now();
        let client = &mut self.clients[index];
        if client.conn != conn || client.link != Link::Up {
            return;
        }
        client.hears(now);
        match message {
            Down::Closed => client.disconnect(),
            Down::Cancel { leases } => {
                client.cancelled(&leases);
                self.compute(index);
            }
            Down::Receipt { number, receipt } => {
                self.report.late += u64::from(receipt == Receipt::Late);
                client.receipted(number);
            }
            Down::Grant { request, grant, job, units } => {
                let lease = |(index, unit)| (LeaseId { grant, index }, unit);
                match client.takes(request, job, (0..).zip(units).map(lease)) {
                    Ok(()) => self.compute(index),
                    Err(leases) => self.send_up(index, Up::Released { leases }),
                }
            }
        }
        if let Some(wants) = self.clients[index].wants(now, self.beat) {
            self.send_up(index, wants);
        }
    }

    /// A host's idle threads begin with what waits.
    fn compute(&mut self, index: HostIndex) {
        let client = &mut self.clients[index];
        let life = client.life;
        for (lease, after) in client.begins(&mut self.rng) {
            self.report.begun += 1;
            self.agenda.put(after, Happening::Computed { host: index, life, lease });
        }
    }

    /// A host has computed a unit.
    pub(crate) fn computed(&mut self, index: HostIndex, life: u32, lease: LeaseId) {
        let client = &mut self.clients[index];
        if client.life != life || client.link == Link::Vanished {
            return;
        }
        if let Some(message) = client.computed(self.agenda.now(), lease, &self.store.truth) {
            self.send_up(index, message);
        }
        self.compute(index);
    }

    /// A host is gone and never comes back.
    pub(crate) fn vanish(&mut self, index: HostIndex) {
        self.meet("a host vanishes");
        self.cut(index);
        self.clients[index].link = Link::Vanished;
    }
}
