//! What status pages show: read-only, never asked by a decision.

use alloc::vec::Vec;

use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::{LEASES_MAX, UNITS_OPEN_MAX};
use gleaner_shared::policy::Standing;

use crate::connect::{KnownHost, Link};
use crate::effect::{JobRow, JobState};
use crate::engine::Engine;
use crate::event::Host;
use crate::job::Job;

/// A job that is not done. `ready + leased + waiting` are its units that are not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Which.
    pub job: JobId,
    /// Its row; in it are the numbers of merged and failed units.
    pub row: JobRow,
    /// Slices that were never leased.
    pub ready: usize,
    /// Units of which some host holds a copy.
    pub leased: usize,
    /// Open units that no host holds: they wait for one that may take them.
    pub waiting: usize,
    /// Open units with results that do not decide yet, leased or waiting.
    pub checking: usize,
}

/// A host that is connected or holds leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostView {
    /// Who.
    pub host: Host,
    /// Its connection.
    pub link: LinkView,
    /// Leases that it holds.
    pub leases: usize,
}

/// A host's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkView {
    /// None; its leases run on.
    Away,
    /// Connected, and busy or silent.
    Connected,
    /// Connected, and it waits for work.
    Waiting,
}

/// Why a job does not go on, or not faster. Ordered from what hinders most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The engine does not hold it: it is done, cancelled, or never was.
    NotOpen,
    /// It is paused.
    Paused,
    /// Its units are settled; the finish step runs.
    Finishing,
    /// No host is connected.
    NoHost,
    /// Units want more accounts of strangers than hosts are connected of, and no own host is there.
    FewAccounts {
        /// How many equal results of different accounts a unit needs.
        copies: u8,
        /// How many accounts of strangers have a host that is connected.
        connected: usize,
    },
    /// Units wait for a stranger of an account that has no voice in them yet.
    WaitsForAccount {
        /// How many.
        units: usize,
    },
    /// Units wait for one more own host that has no voice in them yet.
    WaitsForOwnHost {
        /// How many.
        units: usize,
    },
    /// It shares the hosts with other jobs that have work.
    Shares {
        /// Its weight.
        weight: u32,
        /// The weights of all that have work.
        of: u32,
    },
    /// The engine waits for the store to say how long the next slices are.
    ReadsSlices,
    /// Everything that is open is with hosts.
    AllAtHosts {
        /// How many units.
        units: usize,
    },
    /// Every connected host has as much as it asked for or may hold.
    HostsBusy {
        /// How many are connected.
        connected: usize,
        /// How many of these hold as many leases as one may.
        full: usize,
    },
    /// As many leases or open units as the server holds at all.
    ServerFull,
}

/// What counts of the connected hosts.
#[derive(Default)]
struct Crowd {
    own: usize,
    strangers: usize,
    accounts: usize,
    full: usize,
    asking: usize,
}

impl Engine {
    /// The jobs that are not done, by number.
    pub fn jobs(&self) -> impl Iterator<Item = JobView> {
        self.jobs.iter().map(|(id, job)| view(*id, job))
    }

    /// One job, if it is not done.
    pub fn job(&self, id: JobId) -> Option<JobView> {
        self.jobs.get(&id).map(|job| view(id, job))
    }

    /// The hosts that are connected or hold leases.
    pub fn hosts(&self) -> impl Iterator<Item = HostView> {
        self.hosts.values().map(host_view)
    }

    /// One host, if it is connected or holds leases.
    pub fn host(&self, id: HostId) -> Option<HostView> {
        self.hosts.get(&id).map(host_view)
    }

    /// Open leases of all hosts.
    pub fn leases(&self) -> usize {
        self.waiting.leases()
    }

    /// Why a job does not go on, or not faster; empty if nothing is in its way. Looks at every
    /// host: for people who ask, not for each event.
    pub fn why(&self, id: JobId) -> Vec<Why> {
        let Some(job) = self.jobs.get(&id) else { return Vec::from([Why::NotOpen]) };
        match job.row.state {
            JobState::Done | JobState::Cancelled => return Vec::from([Why::NotOpen]),
            JobState::Finishing => return Vec::from([Why::Finishing]),
            JobState::Paused => return Vec::from([Why::Paused]),
            JobState::Running => {}
        }
        let crowd = self.crowd();
        let connected = crowd.own + crowd.strangers;
        if connected == 0 {
            return Vec::from([Why::NoHost]);
        }
        let mut reasons = Vec::new();
        let (tally, copies) = (job.tally, job.row.policy.copies);
        if crowd.own == 0 && crowd.accounts < usize::from(copies) {
            reasons.push(Why::FewAccounts { copies, connected: crowd.accounts });
        }
        if tally.wants_account > 0 {
            reasons.push(Why::WaitsForAccount { units: tally.wants_account });
        }
        if tally.wants_own > 0 {
            reasons.push(Why::WaitsForOwnHost { units: tally.wants_own });
        }
        let (weight, of) = (u32::from(job.row.policy.priority), self.weights(id));
        if of > weight {
            reasons.push(Why::Shares { weight, of });
        }
        if self.waiting.leases() >= LEASES_MAX || self.units_open >= UNITS_OPEN_MAX {
            reasons.push(Why::ServerFull);
        }
        if job.window() == 0 && !job.is_leased_out() {
            reasons.push(Why::ReadsSlices);
        }
        if job.is_leased_out() && tally.leased == job.units.len() {
            reasons.push(Why::AllAtHosts { units: tally.leased });
        } else if crowd.asking == 0 {
            reasons.push(Why::HostsBusy { connected, full: crowd.full });
        }
        reasons
    }

    /// The weights of a job and of all others that have work for somebody.
    fn weights(&self, id: JobId) -> u32 {
        let offers = |job: &Job| {
            job.offers(Standing::Own, self.now) || job.offers(Standing::Stranger, self.now)
        };
        let sharing = self.jobs.iter().filter(|(other, job)| **other == id || offers(job));
        sharing.map(|(_, job)| u32::from(job.row.policy.priority)).sum()
    }

    fn crowd(&self) -> Crowd {
        let mut crowd = Crowd::default();
        let mut accounts = alloc::collections::BTreeSet::new();
        for known in self.hosts.values().filter(|known| known.is_connected()) {
            match known.host.standing {
                Standing::Own => crowd.own += 1,
                Standing::Stranger => {
                    crowd.strangers += 1;
                    accounts.insert(known.host.account);
                }
            }
            crowd.full += usize::from(known.is_full());
        }
        crowd.accounts = accounts.len();
        crowd.asking =
            self.waiting.requests(Standing::Own) + self.waiting.requests(Standing::Stranger);
        crowd
    }
}

fn view(id: JobId, job: &Job) -> JobView {
    let ready = job.row.slices.saturating_sub(job.row.next_slice);
    JobView {
        job: id,
        row: job.row,
        ready: usize::try_from(ready).unwrap_or(usize::MAX),
        leased: job.tally.leased,
        waiting: job.units.len().saturating_sub(job.tally.leased),
        checking: job.tally.checking,
    }
}

fn host_view(known: &KnownHost) -> HostView {
    let link = match known.link {
        Link::Away => LinkView::Away,
        Link::Connected => LinkView::Connected,
        Link::Wants(_) => LinkView::Waiting,
    };
    HostView { host: known.host, link, leases: known.held }
}
