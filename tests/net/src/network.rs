//! The played network: one path to each host, with its delay, width, losses and cuts, and a NAT
//! before each host that may give it another address at any time.
//!
//! What is due in the same millisecond arrives in the order in which it was sent.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gleaner_link::sim::{Chance, Network, Socket};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::path::{Fate, Path, Way};

/// Where the server listens.
pub(crate) const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 4433);

/// What the network did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) datagrams: u64,
    pub(crate) lost: u64,
    /// Bytes sent, arrived or not.
    pub(crate) bytes: u64,
    /// Bytes that paths took: up, down.
    pub(crate) taken: [u64; 2],
    /// A hash of every datagram: when, between whom, how long, and what became of it.
    pub(crate) trace: u64,
}

#[derive(Debug)]
struct Due {
    at: Instant,
    number: u64,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// A host's NAT: its address inside, and the one that the server sees.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    host: usize,
    inside: SocketAddr,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    began: Instant,
    paths: Vec<Path>,
    /// Sockets that are open, with their numbers.
    sockets: BTreeMap<SocketAddr, (u64, Arc<Socket>)>,
    /// By the address outside.
    mappings: BTreeMap<SocketAddr, Mapping>,
    heap: BinaryHeap<Reverse<Due>>,
    last: u64,
    traffic: Traffic,
}

/// The network. All clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    state: Arc<Mutex<State>>,
    sent: Arc<Notify>,
}

/// One socket's way out. It is dead once another socket has its address.
#[derive(Debug)]
struct Outlet {
    net: Net,
    number: u64,
}

impl Network for Outlet {
    fn carry(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        self.net.carry(self.number, from, to, bytes);
    }
}

impl Net {
    /// A network with these paths, which begins to carry. Needs a runtime.
    pub(crate) fn begin(chance: Chance, paths: Vec<Path>) -> Self {
        let state = State {
            chance,
            began: Instant::now(),
            paths,
            sockets: BTreeMap::new(),
            mappings: BTreeMap::new(),
            heap: BinaryHeap::new(),
            last: 0,
            traffic: Traffic::default(),
        };
        let net = Self { state: Arc::new(Mutex::new(state)), sent: Arc::default() };
        tokio::spawn(net.clone().deliver());
        net
    }

    /// A socket of the server, in place of an earlier one.
    pub(crate) fn server_socket(&self) -> Arc<Socket> {
        self.open(SERVER)
    }

    /// A new socket of a host.
    pub(crate) fn host_socket(&self, host: usize) -> Arc<Socket> {
        let mut state = self.state();
        state.last += 1;
        let port = 1_024 + u16::try_from(state.last % 60_000).unwrap_or(0);
        let third = u8::try_from(host).unwrap_or(u8::MAX);
        drop(state);
        self.open((Ipv4Addr::new(192, 168, third, 2), port).into())
    }

    fn open(&self, address: SocketAddr) -> Arc<Socket> {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        let outlet = Outlet { net: self.clone(), number };
        let socket = Socket::new(Arc::new(outlet), address);
        state.sockets.insert(address, (number, socket.clone()));
        socket
    }

    /// Nothing leaves or reaches the server's socket any more.
    pub(crate) fn server_unplug(&self) {
        self.state().sockets.remove(&SERVER);
    }

    /// Nothing leaves or reaches a host's sockets any more.
    pub(crate) fn host_unplug(&self, host: usize) {
        let is_of = |address: &SocketAddr| host_of(*address) == Some(host);
        self.state().sockets.retain(|address, _| !is_of(address));
    }

    /// The host's NAT forgets it: what it sends comes from another address, and what is sent to the
    /// old one is lost.
    pub(crate) fn rebind(&self, host: usize) {
        self.state().mappings.retain(|_, mapping| mapping.host != host);
    }

    /// Changes the path of a host.
    pub(crate) fn path(&self, host: usize, change: impl FnOnce(&mut Path)) {
        change(&mut self.state().paths[host]);
    }

    /// What was carried so far.
    pub(crate) fn traffic(&self) -> Traffic {
        self.state().traffic
    }

    fn carry(&self, number: u64, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        self.state().carry(number, from, to, bytes);
        self.sent.notify_one();
    }

    async fn deliver(self) {
        loop {
            let next = self.state().heap.peek().map(|Reverse(due)| due.at);
            let Some(at) = next else {
                self.sent.notified().await;
                continue;
            };
            tokio::select! {
                biased;
                () = sleep_until(at) => self.state().arrive(),
                () = self.sent.notified() => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn carry(&mut self, number: u64, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if self.sockets.get(&from).is_none_or(|(open, _)| *open != number) {
            return;
        }
        let up = host_of(from);
        let host = up.or_else(|| self.mappings.get(&to).map(|mapping| mapping.host));
        self.traffic.datagrams += 1;
        self.traffic.bytes += bytes.len() as u64;
        let Some(host) = host else {
            self.traffic.lost += 1;
            return self.note(from, to, bytes.len(), 0);
        };
        let way = if up.is_some() { Way::Up } else { Way::Down };
        let from = if up.is_some() { self.outside(host, from) } else { from };
        let now = Instant::now();
        let fate = self.paths[host].fate(&mut self.chance, way, now - self.began, bytes.len());
        self.note(from, to, bytes.len(), fate.arrivals.len() as u64);
        if !fate.arrivals.is_empty() {
            self.traffic.taken[way as usize] += bytes.len() as u64;
        }
        self.send(fate, now, (from, to), bytes);
    }

    fn send(&mut self, fate: Fate, now: Instant, ends: (SocketAddr, SocketAddr), bytes: &[u8]) {
        let (from, to) = ends;
        self.traffic.lost += u64::from(fate.arrivals.is_empty());
        for after in fate.arrivals {
            let mut bytes = bytes.to_vec();
            if fate.corrupts {
                let at = self.chance.between(0, bytes.len().saturating_sub(1) as u64);
                bytes[usize::try_from(at).unwrap_or(0)] ^= 1 << self.chance.between(0, 7);
            }
            self.last += 1;
            let due = Due { at: now + after, number: self.last, from, to, bytes };
            self.heap.push(Reverse(due));
        }
    }

    /// The address outside of one inside; a new one if the NAT knows none.
    fn outside(&mut self, host: usize, inside: SocketAddr) -> SocketAddr {
        let known = self.mappings.iter().find(|(_, mapping)| mapping.inside == inside);
        if let Some((outside, _)) = known {
            return *outside;
        }
        self.last += 1;
        let third = u8::try_from(self.last % 200).unwrap_or(0);
        let port = 1_024 + u16::try_from(self.last % 60_000).unwrap_or(0);
        let outside = SocketAddr::from((Ipv4Addr::new(203, 0, third, 7), port));
        self.mappings.insert(outside, Mapping { host, inside });
        outside
    }

    fn arrive(&mut self) {
        let now = Instant::now();
        while self.heap.peek().is_some_and(|Reverse(due)| due.at <= now) {
            let Some(Reverse(due)) = self.heap.pop() else { return };
            let to = match self.mappings.get(&due.to) {
                Some(mapping) => mapping.inside,
                None => due.to,
            };
            if let Some((_, socket)) = self.sockets.get(&to) {
                socket.arrive(due.from, due.bytes);
            }
        }
    }

    fn note(&mut self, from: SocketAddr, to: SocketAddr, len: usize, arrivals: u64) {
        let at = u64::try_from((Instant::now() - self.began).as_micros()).unwrap_or(u64::MAX);
        let ends = u64::from(from.port()) << 16 | u64::from(to.port());
        for number in [at, ends, len as u64, arrivals] {
            // FNV-1a, a word at a time.
            self.traffic.trace = (self.traffic.trace ^ number).wrapping_mul(0x0100_0000_01b3);
            self.traffic.trace ^= self.traffic.trace >> 29;
        }
    }
}

/// The host that an address inside is of.
fn host_of(address: SocketAddr) -> Option<usize> {
    match address.ip() {
        IpAddr::V4(ip) if ip.octets()[0] == 192 => Some(usize::from(ip.octets()[2])),
        _ => None,
    }
}

/// A span of virtual time.
pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
