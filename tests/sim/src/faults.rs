//! The network between hosts and server: messages are lost, doubled, late, out of order; connections
//! break.

use gleaner_shared::measure::Millis;

use crate::message::{Down, Happening, HostIndex, Up};
use crate::world::World;

impl World {
    /// A host says something on its connection.
    pub(crate) fn send_up(&mut self, host: HostIndex, message: Up) {
        let conn = self.clients[host].conn;
        if self.rng.chance(self.faults.cut) {
            self.meet("a connection is cut");
            return self.cut(host);
        }
        for _ in 0..self.arrivals() {
            let after = self.travel();
            self.agenda.put(after, Happening::Up { host, conn, message: message.clone() });
        }
    }

    /// The server says something on a host's connection.
    pub(crate) fn send_down(&mut self, host: HostIndex, message: Down) {
        let Some(conn) = self.conns[host] else { return };
        for _ in 0..self.arrivals() {
            let after = self.travel();
            self.agenda.put(after, Happening::Down { host, conn, message: message.clone() });
        }
    }

    /// The server notices that a host's connection is gone, in a while.
    pub(crate) fn server_loses(&mut self, host: HostIndex) {
        let conn = self.clients[host].conn;
        let after = Millis(self.rng.between(1, 5_000));
        self.agenda.put(after, Happening::Up { host, conn, message: Up::Lost });
    }

    /// A host notices that its connection is gone, in a while.
    pub(crate) fn host_loses(&mut self, host: HostIndex) {
        if let Some(conn) = self.conns[host].take() {
            let after = Millis(self.rng.between(1, 2_000));
            self.agenda.put(after, Happening::Down { host, conn, message: Down::Closed });
        }
    }

    /// How often one message arrives.
    fn arrivals(&mut self) -> usize {
        if self.rng.chance(self.faults.lost) {
            self.meet("a message is lost");
            0
        } else if self.rng.chance(self.faults.twice) {
            self.meet("a message comes twice");
            2
        } else {
            1
        }
    }

    fn travel(&mut self) -> Millis {
        let slow = self.rng.chance(self.faults.slow);
        if slow {
            self.meet("a message is late");
        }
        Millis(if slow { self.rng.between(1, 20_000) } else { self.rng.between(5, 120) })
    }
}
