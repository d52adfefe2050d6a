//! Hosts that come and go: connections, stated leases, bans.
//!
//! A host is known while it is connected or holds leases. What a host says that is not connected is
//! ignored, except results.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use gleaner_shared::id::{GrantId, HostId, LeaseId};
use gleaner_shared::limits::THREADS_MAX;
use gleaner_shared::measure::Time;

use crate::engine::Engine;
use crate::event::Host;
use crate::lease::Ending;
use crate::pace::Pace;

/// A host that is connected or holds leases.
#[derive(Debug)]
pub(crate) struct KnownHost {
    pub(crate) host: Host,
    pub(crate) link: Link,
    pub(crate) grants: BTreeSet<GrantId>,
    /// Open leases in these grants.
    pub(crate) held: usize,
    /// Units that it computes at once, as it says.
    threads: u16,
    pub(crate) pace: Pace,
    /// When it returned something last.
    pub(crate) back: Time,
}

/// Whether a host can be told something, and whether it waits for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not connected; its leases run on.
    Away,
    /// Connected.
    Connected,
    /// Connected, and a request of it is held.
    Wants(Request),
}

/// A held request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) number: u32,
    pub(crate) units: u16,
    /// Its place among all held requests.
    pub(crate) spot: u64,
}

impl KnownHost {
    pub(crate) fn new(host: Host) -> Self {
        Self {
            host,
            link: Link::Away,
            grants: BTreeSet::new(),
            held: 0,
            threads: 1,
            pace: Pace::default(),
            back: Time(0),
        }
    }

    /// Units that it computes at once, at least 1.
    pub(crate) fn threads(&self) -> usize {
        usize::from(self.threads).clamp(1, THREADS_MAX)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.link != Link::Away
    }
}

impl Engine {
    /// A host has connected, perhaps again while we took it for connected.
    pub(crate) fn host_connected(&mut self, host: Host, threads: u16, stated: &[LeaseId]) {
        self.disconnect(host.id);
        let known = self.hosts.entry(host.id).or_insert_with(|| KnownHost::new(host));
        known.host = host;
        known.threads = threads;
        known.link = Link::Connected;
        self.threads += known.threads();

        let stated: BTreeSet<LeaseId> = stated.iter().copied().collect();
        let open = self.leases_of(host.id);
        let freed: Vec<LeaseId> =
            open.iter().copied().filter(|lease| !stated.contains(lease)).collect();
        self.end(&freed, Ending::HandedBack);
        for lease in stated {
            if !self.holds(host.id, lease) {
                self.cancel(host.id, lease);
            }
        }
    }

    /// Its leases run on.
    pub(crate) fn host_lost(&mut self, id: HostId) {
        self.disconnect(id);
        self.forget_host_if_gone(id);
    }

    fn disconnect(&mut self, id: HostId) {
        self.request_dropped(id);
        self.looks_from_the_start(id);
        if let Some(known) = self.hosts.get_mut(&id)
            && known.is_connected()
        {
            known.link = Link::Away;
            self.threads -= known.threads();
        }
    }

    /// It loses everything at once, and is heard again when it connects.
    pub(crate) fn host_banned(&mut self, id: HostId) {
        self.host_lost(id);
        let held = self.leases_of(id);
        self.end(&held, Ending::HandedBack);
    }

    /// The open leases of a host.
    pub(crate) fn leases_of(&self, host: HostId) -> Vec<LeaseId> {
        let grants = self.hosts.get(&host).into_iter().flat_map(|known| &known.grants);
        let mut leases = Vec::new();
        for &grant in grants {
            let slots = self.grants.get(&grant).map_or(&[][..], |grant| &grant.leases);
            leases.extend(
                (0..)
                    .zip(slots)
                    .filter_map(|(index, slot)| slot.as_ref().map(|_| LeaseId { grant, index })),
            );
        }
        leases
    }

    /// A grant has ended.
    pub(crate) fn grant_forgotten(&mut self, host: HostId, grant: GrantId) {
        if let Some(known) = self.hosts.get_mut(&host) {
            known.grants.remove(&grant);
        }
        self.forget_host_if_gone(host);
    }

    fn forget_host_if_gone(&mut self, id: HostId) {
        if let Some(known) = self.hosts.get(&id)
            && known.link == Link::Away
            && known.grants.is_empty()
        {
            self.hosts.remove(&id);
        }
    }

    /// Its account or standing may be another from now on.
    fn looks_from_the_start(&mut self, host: HostId) {
        for job in self.jobs.values_mut() {
            job.lines.forget(host);
        }
    }
}
