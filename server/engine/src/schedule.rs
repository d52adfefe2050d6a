//! Which held request gets which units: jobs by priority, then the one served longest ago; hosts in
//! the order of their requests, own hosts first because their results need no second one.
//!
//! Requests meet work at the end of a batch only, and only if something has changed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Bound;

use gleaner_shared::id::{GrantId, HostId, JobId};
use gleaner_shared::limits::{GRANT_UNITS_MAX, HOST_LEASES_MAX, LEASES_MAX, UNITS_OPEN_MAX};
use gleaner_shared::policy::Standing;

use crate::connect::{KnownHost, Link, Request};
use crate::effect::{Tell, Write};
use crate::engine::Engine;
use crate::job::{Asker, Picked, Search};
use crate::lease::{Grant, Lease};

/// Held requests, and whether it is worth looking at them.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    last_spot: u64,
    own: BTreeMap<u64, HostId>,
    strangers: BTreeMap<u64, HostId>,
    /// Hosts whose own situation has changed: new requests, room for more leases.
    retry: BTreeSet<HostId>,
    /// There may be work for anybody.
    stirred: bool,
    cut_short: bool,
    /// Open leases of all hosts.
    leases: usize,
}

/// Jobs that may have work, in the order in which they are asked.
type Order = BTreeSet<(Reverse<i16>, u64, JobId)>;

impl Waiting {
    /// There may be work for anybody.
    pub(crate) fn stir(&mut self) {
        self.stirred = true;
    }

    /// A search was not finished: there may be work at once.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.cut_short
    }

    pub(crate) fn leases(&self) -> usize {
        self.leases
    }

    /// How many requests of this standing are held.
    pub(crate) fn requests(&self, standing: Standing) -> usize {
        self.of(standing).len()
    }

    pub(crate) fn leases_began(&mut self, count: usize) {
        self.leases += count;
    }

    pub(crate) fn lease_ended(&mut self) {
        self.stirred |= self.leases >= LEASES_MAX;
        self.leases -= 1;
    }

    /// A host holds one lease less; if it was full, its request is worth a look.
    pub(crate) fn has_room(&mut self, host: &KnownHost) {
        if host.held + 1 == HOST_LEASES_MAX && matches!(host.link, Link::Wants(_)) {
            self.retry.insert(host.host.id);
        }
    }

    fn of(&self, standing: Standing) -> &BTreeMap<u64, HostId> {
        match standing {
            Standing::Own => &self.own,
            Standing::Stranger => &self.strangers,
        }
    }

    fn of_mut(&mut self, standing: Standing) -> &mut BTreeMap<u64, HostId> {
        match standing {
            Standing::Own => &mut self.own,
            Standing::Stranger => &mut self.strangers,
        }
    }

    fn next_after(&self, standing: Standing, spot: u64) -> Option<(u64, HostId)> {
        self.of(standing).range(spot + 1..).next().map(|(spot, host)| (*spot, *host))
    }
}

impl Engine {
    /// A host wants work. A request for no units is none.
    pub(crate) fn wanted(&mut self, id: HostId, number: u32, units: u16) {
        self.request_dropped(id);
        let Some(known) = self.hosts.get_mut(&id) else { return };
        if known.link == Link::Away || units == 0 {
            return;
        }
        self.waiting.last_spot += 1;
        let spot = self.waiting.last_spot;
        known.link = Link::Wants(Request { number, units, spot });
        self.waiting.of_mut(known.host.standing).insert(spot, id);
        self.waiting.retry.insert(id);
    }

    /// A held request is answered, replaced, or its host is gone.
    pub(crate) fn request_dropped(&mut self, id: HostId) {
        if let Some(known) = self.hosts.get_mut(&id)
            && let Link::Wants(request) = known.link
        {
            known.link = Link::Connected;
            self.waiting.of_mut(known.host.standing).remove(&request.spot);
        }
        self.waiting.retry.remove(&id);
    }

    /// Gives work to held requests, if anything has changed since the last time.
    pub(crate) fn match_requests(&mut self) {
        let retry = core::mem::take(&mut self.waiting.retry);
        self.waiting.stirred |= core::mem::take(&mut self.waiting.cut_short);
        if !self.waiting.stirred {
            for standing in [Standing::Own, Standing::Stranger] {
                let mut order = self.order(standing);
                for &host in &retry {
                    if self.stands(host, standing) {
                        self.serve(host, &mut order);
                    }
                }
            }
        }
        // A grant may be work for others: its units want more copies. It ends because each further
        // round has answered a request, and none comes in meanwhile.
        while core::mem::take(&mut self.waiting.stirred) {
            for standing in [Standing::Own, Standing::Stranger] {
                let mut order = self.order(standing);
                let mut spot = 0;
                while !order.is_empty()
                    && let Some((next, host)) = self.waiting.next_after(standing, spot)
                {
                    spot = next;
                    self.serve(host, &mut order);
                }
            }
        }
    }

    fn stands(&self, host: HostId, standing: Standing) -> bool {
        self.hosts.get(&host).is_some_and(|known| known.host.standing == standing)
    }

    fn order(&self, standing: Standing) -> Order {
        let offering = self.jobs.iter().filter(|(_, job)| job.offers(standing));
        offering.map(|(id, job)| (Reverse(job.row.policy.priority), job.served, *id)).collect()
    }

    /// Answers a host's request from the first job that has something for it.
    fn serve(&mut self, host: HostId, order: &mut Order) {
        let Some(known) = self.hosts.get(&host) else { return };
        let Link::Wants(request) = known.link else { return };
        let asker = Asker {
            host: known.host,
            grant: GrantId(self.last_grant + 1),
            room: usize::from(request.units)
                .min(GRANT_UNITS_MAX)
                .min(HOST_LEASES_MAX.saturating_sub(known.held))
                .min(LEASES_MAX.saturating_sub(self.waiting.leases)),
            room_fresh: UNITS_OPEN_MAX.saturating_sub(self.units_open),
        };
        if asker.room == 0 {
            return;
        }
        let mut from = Bound::Unbounded;
        while let Some(rank) = order.range((from, Bound::Unbounded)).next().copied() {
            from = Bound::Excluded(rank);
            let (_, _, id) = rank;
            let Some(job) = self.jobs.get_mut(&id) else { continue };
            let picked = job.pick(&asker);
            let found = !picked.units.is_empty();
            if found {
                job.served = asker.grant.0;
            }
            order.remove(&rank);
            if job.offers(asker.host.standing) {
                order.insert((rank.0, job.served, id));
            }
            self.waiting.cut_short |= picked.search == Search::CutShort;
            if found {
                return self.grant(id, &asker, request, &picked);
            }
        }
    }

    /// Writes and tells a grant of picked units.
    fn grant(&mut self, id: JobId, asker: &Asker, request: Request, picked: &Picked) {
        let Some(job) = self.jobs.get(&id) else { return };
        let until = self.now + job.row.policy.deadline;
        if job.offers(Standing::Own) || job.offers(Standing::Stranger) {
            self.waiting.stir();
        }
        self.last_grant = asker.grant.0;
        self.units_open += picked.fresh;

        let units: Vec<_> = picked.units.iter().map(|unit| (unit.slice, unit.docs)).collect();
        let leases = picked.units.iter().map(|&unit| Some(Lease { unit, until, renewals: 0 }));
        let leases: Vec<_> = leases.collect();
        self.waiting.leases_began(leases.len());
        let open = leases.len();
        self.insert_grant(asker.grant, Grant { host: asker.host, job: id, leases, open });
        self.request_dropped(asker.host.id);

        let (host, grant) = (asker.host, asker.grant);
        self.write(Write::GrantInsert { grant, host, job: id, units: units.clone() });
        self.tell(Tell::Grant { host: host.id, request: request.number, grant, job: id, units });
        if picked.fresh > 0 {
            self.job_changed(id);
            self.refill(id);
        }
    }
}
