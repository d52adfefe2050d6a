//! Who may begin a handshake, as counts: how many connections there are, and from where.
//!
//! A forged sender address can neither take the places of the address that it names nor the memory
//! of the server: it is counted against one small number only, until it is proven.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gleaner_shared::limits::{
    CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, HANDSHAKE_PATIENCE, UNPROVEN_HANDSHAKES_MAX,
};
use gleaner_shared::measure::Millis;

/// How many connections and handshakes may be at once, and how long a handshake may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// All, in any state.
    pub(crate) total: usize,
    /// From one place, proven.
    pub(crate) per_place: usize,
    /// Handshakes whose sender address is not proven.
    pub(crate) unproven: usize,
    /// For one handshake.
    pub(crate) patience: Millis,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            total: CONNECTIONS_MAX,
            per_place: CONNECTIONS_PER_ADDRESS_MAX,
            unproven: UNPROVEN_HANDSHAKES_MAX,
            patience: HANDSHAKE_PATIENCE,
        }
    }
}

/// Whether a peer has shown that it receives what is sent to its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Proven(IpAddr),
    Unproven(IpAddr),
}

/// What to do with an attempt to connect.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Shake hands; the ticket is held as long as the connection lasts.
    Admit(Ticket),
    /// Let it prove its address first.
    Prove,
    /// No room.
    Refuse,
}

/// Counts connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    bounds: Bounds,
    total: usize,
    unproven: usize,
    /// At most as many entries as there are connections.
    places: HashMap<Place, usize>,
}

/// What counts as one place: an IPv4 address or an IPv6 network of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Place {
    /// `None` for this machine itself: what runs here is not a stranger.
    fn of(ip: IpAddr) -> Option<Self> {
        match ip.to_canonical() {
            ip if ip.is_loopback() => None,
            IpAddr::V4(ip) => Some(Self::V4(ip.octets())),
            IpAddr::V6(ip) => ip.octets().first_chunk().copied().map(Self::V6),
        }
    }
}

/// A place among the connections, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    gate: Gate,
    held: Held,
}

#[derive(Clone, Copy, Debug)]
enum Held {
    Unproven(IpAddr),
    Proven(Option<Place>),
}

impl Gate {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Counts { bounds, ..Counts::default() })))
    }

    /// Decides about an attempt.
    pub(crate) fn decide(&self, from: Address) -> Decision {
        let mut counts = self.counts();
        if counts.total >= counts.bounds.total {
            return Decision::Refuse;
        }
        let held = match from {
            Address::Unproven(_) if counts.unproven >= counts.bounds.unproven => {
                return Decision::Prove;
            }
            Address::Unproven(ip) => {
                counts.unproven += 1;
                Held::Unproven(ip)
            }
            Address::Proven(ip) => match counts.take_place(ip) {
                Some(place) => Held::Proven(place),
                None => return Decision::Refuse,
            },
        };
        counts.total += 1;
        drop(counts);
        Decision::Admit(Ticket { gate: self.clone(), held })
    }

    /// Connections and handshakes now.
    #[cfg(test)]
    pub(crate) fn total(&self) -> usize {
        self.counts().total
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// A place for one more from `ip`; `None` if it has its share already.
    fn take_place(&mut self, ip: IpAddr) -> Option<Option<Place>> {
        let Some(place) = Place::of(ip) else { return Some(None) };
        let most = self.bounds.per_place;
        let taken = self.places.entry(place).or_default();
        if *taken >= most {
            return None;
        }
        *taken += 1;
        Some(Some(place))
    }

    fn free_place(&mut self, place: Place) {
        if let Some(taken) = self.places.get_mut(&place) {
            *taken -= 1;
            if *taken == 0 {
                self.places.remove(&place);
            }
        }
    }
}

impl Ticket {
    /// How long its handshake may take.
    pub(crate) fn patience(&self) -> Millis {
        self.gate.counts().bounds.patience
    }

    /// The handshake is done, so the address is proven. `None` if its place is full.
    pub(crate) fn prove(mut self) -> Option<Self> {
        let Held::Unproven(ip) = self.held else { return Some(self) };
        let mut counts = self.gate.counts();
        let place = counts.take_place(ip)?;
        counts.unproven -= 1;
        drop(counts);
        self.held = Held::Proven(place);
        Some(self)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.gate.counts();
        counts.total -= 1;
        match self.held {
            Held::Unproven(_) => counts.unproven -= 1,
            Held::Proven(Some(place)) => counts.free_place(place),
            Held::Proven(None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each word is an attempt: `p` or `u` (proven or not), then the address. A word after `-` ends
    /// the attempt with that number (from 0), a number after `+` proves it.
    fn check(script: &str, expected: &str) {
        let gate = Gate::new(Bounds { total: 4, per_place: 2, unproven: 2, ..Bounds::default() });
        let mut tickets: Vec<Option<Ticket>> = Vec::new();
        let mut said = Vec::new();
        for word in script.split_whitespace() {
            let (kind, rest) = word.split_at(1);
            match kind {
                "-" => tickets[rest.parse::<usize>().unwrap()] = None,
                "+" => {
                    let ticket = &mut tickets[rest.parse::<usize>().unwrap()];
                    *ticket = ticket.take().unwrap().prove();
                    said.push(if ticket.is_some() { "proven" } else { "full" });
                }
                _ => {
                    let ip = rest.parse().unwrap();
                    let from =
                        if kind == "p" { Address::Proven(ip) } else { Address::Unproven(ip) };
                    let (ticket, word) = match gate.decide(from) {
                        Decision::Admit(ticket) => (Some(ticket), "admit"),
                        Decision::Prove => (None, "prove"),
                        Decision::Refuse => (None, "refuse"),
                    };
                    tickets.push(ticket);
                    said.push(word);
                }
            }
        }
        assert_eq!(said.join(" "), expected, "{script}");
        drop(tickets);
        let counts = gate.counts();
        assert_eq!((counts.total, counts.unproven, counts.places.len()), (0, 0, 0), "{script}");
    }

    #[test]
    fn one_address_has_its_share_and_no_more() {
        check("p1.2.3.4 p1.2.3.4 p1.2.3.4 p1.2.3.5", "admit admit refuse admit");
    }

    #[test]
    fn a_place_is_free_again_after_the_end() {
        check("p1.2.3.4 p1.2.3.4 -0 p1.2.3.4", "admit admit admit");
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        check(
            "p2001:db8::1 p2001:db8::2 p2001:db8::3 p2001:db8:0:1::1",
            "admit admit refuse admit",
        );
    }

    #[test]
    fn a_mapped_ipv4_address_is_the_address() {
        check("p::ffff:1.2.3.4 p1.2.3.4 p1.2.3.4", "admit admit refuse");
    }

    #[test]
    fn this_machine_is_limited_by_the_total_only() {
        check("p127.0.0.1 p::1 p127.0.0.1 p127.0.0.1 p::1", "admit admit admit admit refuse");
    }

    #[test]
    fn above_the_threshold_addresses_must_be_proven() {
        check("u1.1.1.1 u2.2.2.2 u3.3.3.3 p3.3.3.3", "admit admit prove admit");
    }

    #[test]
    fn a_forged_address_takes_no_place_of_its_owner() {
        check("u1.2.3.4 u1.2.3.4 p1.2.3.4 p1.2.3.4", "admit admit admit admit");
    }

    #[test]
    fn an_address_that_proves_itself_late_takes_a_place() {
        check("u1.2.3.4 p1.2.3.4 p1.2.3.4 +0", "admit admit admit full");
        check("u1.2.3.4 p1.2.3.4 +0 p1.2.3.4 u5.5.5.5", "admit admit proven refuse admit");
    }
}
