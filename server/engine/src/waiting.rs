//! Held requests, in the order in which they are served, and whether it is worth looking at them.
//!
//! Own hosts come in the order of their requests. Of strangers, those whose account holds the
//! fewest leases come first, so that nobody gets more by bringing more machines.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;

use gleaner_shared::id::{AccountId, HostId};
use gleaner_shared::limits::LEASES_MAX;
use gleaner_shared::measure::Time;
use gleaner_shared::policy::Standing;

use crate::connect::{KnownHost, Link};
use crate::event::Host;

/// Held requests of all hosts, and open leases.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    last_spot: u64,
    own: BTreeMap<u64, HostId>,
    accounts: BTreeMap<AccountId, Account>,
    /// Accounts with held requests.
    ranks: BTreeSet<Rank>,
    strangers: usize,
    /// Hosts whose own situation has changed: new requests, room for more leases.
    retry: BTreeSet<HostId>,
    /// There may be work for anybody.
    stirred: bool,
    cut_short: bool,
    /// When copies that are out have become slow, if somebody waits for them.
    look_again: Option<Time>,
    /// Open leases of all hosts.
    leases: usize,
}

/// An account of strangers with open leases or held requests.
#[derive(Debug, Default)]
struct Account {
    leases: usize,
    requests: BTreeMap<u64, HostId>,
}

/// An account among those that wait: its leases, its first request, its number.
pub(crate) type Rank = (usize, u64, AccountId);

impl Account {
    fn rank(&self, id: AccountId) -> Option<Rank> {
        self.requests.first_key_value().map(|(spot, _)| (self.leases, *spot, id))
    }
}

impl Waiting {
    /// There may be work for anybody.
    pub(crate) fn stir(&mut self) {
        self.stirred = true;
    }

    pub(crate) fn is_stirred(&self) -> bool {
        self.stirred
    }

    pub(crate) fn take_stirred(&mut self) -> bool {
        core::mem::take(&mut self.stirred)
    }

    /// A search was not finished: there may be work at once.
    pub(crate) fn cut_short(&mut self) {
        self.cut_short = true;
    }

    /// When requests should be looked at again though nothing happens before.
    pub(crate) fn next_look(&self, now: Time) -> Option<Time> {
        if self.cut_short { Some(now) } else { self.look_again }
    }

    /// Looks again then, or sooner if that was said before: no stream of batches puts it off.
    pub(crate) fn look_again(&mut self, at: Option<Time>) {
        self.look_again = at.map(|at| self.look_again.map_or(at, |before| at.min(before)));
    }

    /// Time has passed: copies may be slow by now.
    pub(crate) fn pass(&mut self, now: Time) {
        if self.look_again.is_some_and(|at| at <= now) {
            self.look_again = None;
            self.stirred = true;
        }
    }

    /// Begins a round: what was cut short goes on. Gives the hosts whose situation has changed.
    pub(crate) fn begin(&mut self) -> Vec<HostId> {
        self.stirred |= core::mem::take(&mut self.cut_short);
        core::mem::take(&mut self.retry).into_iter().collect()
    }

    pub(crate) fn leases(&self) -> usize {
        self.leases
    }

    /// How many requests of this standing are held.
    pub(crate) fn requests(&self, standing: Standing) -> usize {
        match standing {
            Standing::Own => self.own.len(),
            Standing::Stranger => self.strangers,
        }
    }

    pub(crate) fn leases_began(&mut self, host: &Host, count: usize) {
        self.leases += count;
        if host.standing == Standing::Stranger {
            self.change(host.account, |account| account.leases += count);
        }
    }

    pub(crate) fn lease_ended(&mut self, host: &Host) {
        self.stirred |= self.leases >= LEASES_MAX;
        self.leases -= 1;
        if host.standing == Standing::Stranger {
            self.change(host.account, |account| account.leases -= 1);
        }
    }

    /// A host holds one lease less; if it waits, its request is worth a look.
    pub(crate) fn has_room(&mut self, host: &KnownHost) {
        if matches!(host.link, Link::Wants(_)) {
            self.retry.insert(host.host.id);
        }
    }

    /// Holds a request, and gives its place.
    pub(crate) fn hold(&mut self, host: &Host) -> u64 {
        self.last_spot += 1;
        let spot = self.last_spot;
        match host.standing {
            Standing::Own => {
                self.own.insert(spot, host.id);
            }
            Standing::Stranger => {
                self.strangers += 1;
                self.change(host.account, |account| {
                    account.requests.insert(spot, host.id);
                });
            }
        }
        self.retry.insert(host.id);
        spot
    }

    /// A held request is answered, replaced, or its host is gone.
    pub(crate) fn drop_request(&mut self, host: &Host, spot: u64) {
        match host.standing {
            Standing::Own => {
                self.own.remove(&spot);
            }
            Standing::Stranger => {
                self.strangers -= 1;
                self.change(host.account, |account| {
                    account.requests.remove(&spot);
                });
            }
        }
        self.retry.remove(&host.id);
    }

    /// The own host that asked next.
    pub(crate) fn own_after(&self, spot: u64) -> Option<(u64, HostId)> {
        self.own.range(spot + 1..).next().map(|(spot, host)| (*spot, *host))
    }

    /// The next account that waits.
    pub(crate) fn rank_after(&self, rank: Option<Rank>) -> Option<Rank> {
        let from = rank.map_or(Bound::Unbounded, Bound::Excluded);
        self.ranks.range((from, Bound::Unbounded)).next().copied()
    }

    /// The host of an account that asked next.
    pub(crate) fn of_account_after(&self, id: AccountId, spot: u64) -> Option<(u64, HostId)> {
        let requests = &self.accounts.get(&id)?.requests;
        requests.range(spot + 1..).next().map(|(spot, host)| (*spot, *host))
    }

    /// How many leases an account of strangers holds.
    pub(crate) fn leases_of(&self, id: AccountId) -> usize {
        self.accounts.get(&id).map_or(0, |account| account.leases)
    }

    fn change(&mut self, id: AccountId, change: impl FnOnce(&mut Account)) {
        let account = self.accounts.entry(id).or_default();
        let before = account.rank(id);
        change(account);
        let now = account.rank(id);
        if account.leases == 0 && account.requests.is_empty() {
            self.accounts.remove(&id);
        }
        if before != now {
            if let Some(rank) = before {
                self.ranks.remove(&rank);
            }
            self.ranks.extend(now);
        }
    }
}
