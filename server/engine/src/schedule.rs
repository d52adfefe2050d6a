//! Which held request gets which units. Jobs share by their weights: each keeps what it was given in
//! units divided by its weight, and the one with least is served first (start-time fair queueing,
//! Goyal, Vin and Cheng 1996). A job that had nothing to give starts where the others are.
//!
//! Requests meet work at the end of a batch only, and only if something has changed.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::Bound;

use gleaner_shared::id::{GrantId, HostId, JobId};
use gleaner_shared::limits::{SPARE_PAUSE, UNITS_OPEN_MAX};
use gleaner_shared::policy::Standing;

use crate::connect::{Link, Request};
use crate::effect::{JobState, Tell, Write};
use crate::engine::Engine;
use crate::lease::{Grant, Lease};
use crate::pick::{Asker, Picked, Search};
use crate::unit::Place;

/// Jobs that may have work, in the order in which they are asked.
#[derive(Debug, Default)]
struct Order {
    jobs: BTreeSet<(u64, JobId)>,
    /// Copies that they have left to give, about.
    left: usize,
}

/// One unit given to a job of weight 1. Weights divide it, so that shares are exact to a millionth.
const UNIT_SERVED: u64 = 1 << 20;

/// Whether a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    Yes,
    No,
}

impl Engine {
    /// A host wants work. A request for no units is none.
    pub(crate) fn wanted(&mut self, id: HostId, number: u32, units: u16) {
        self.request_dropped(id);
        let Some(known) = self.hosts.get_mut(&id) else { return };
        if known.link == Link::Away || units == 0 {
            return;
        }
        let spot = self.waiting.hold(&known.host);
        known.link = Link::Wants(Request { number, units, spot });
    }

    /// A held request is answered, replaced, or its host is gone.
    pub(crate) fn request_dropped(&mut self, id: HostId) {
        if let Some(known) = self.hosts.get_mut(&id)
            && let Link::Wants(request) = known.link
        {
            known.link = Link::Connected;
            self.waiting.drop_request(&known.host, request.spot);
        }
    }

    /// Gives work to held requests, if anything has changed since the last time.
    pub(crate) fn match_requests(&mut self) {
        let retry = self.waiting.begin();
        if !self.waiting.is_stirred() && !retry.is_empty() {
            for standing in [Standing::Own, Standing::Stranger] {
                let hosts = self.in_turn(&retry, standing);
                let mut order =
                    if hosts.is_empty() { Order::default() } else { self.order(standing) };
                for host in hosts {
                    self.serve(host, &mut order);
                }
            }
        }
        // A grant may be work for others: its units want more copies. It ends because each further
        // round has answered a request, and none comes in meanwhile.
        while self.waiting.take_stirred() {
            self.serve_own();
            self.serve_strangers();
        }
        self.look_again();
    }

    /// Of these hosts, those of a standing, in the order in which they are served.
    fn in_turn(&self, hosts: &[HostId], standing: Standing) -> Vec<HostId> {
        let turn = |id: &HostId| {
            let known = self.hosts.get(id)?;
            let Link::Wants(request) = known.link else { return None };
            let leases = match standing {
                Standing::Own => 0,
                Standing::Stranger => self.waiting.leases_of(known.host.account),
            };
            (known.host.standing == standing).then_some((leases, request.spot, *id))
        };
        let turns: BTreeSet<_> = hosts.iter().filter_map(turn).collect();
        turns.into_iter().map(|(_, _, host)| host).collect()
    }

    fn serve_own(&mut self) {
        let mut order = self.order(Standing::Own);
        let mut spot = 0;
        while !order.jobs.is_empty()
            && let Some((next, host)) = self.waiting.own_after(spot)
        {
            spot = next;
            self.serve(host, &mut order);
        }
    }

    /// One host of the account with the fewest leases, then the next; an account that was given
    /// something has more now, and comes again at its new place.
    fn serve_strangers(&mut self) {
        let mut order = self.order(Standing::Stranger);
        let mut rank = None;
        while !order.jobs.is_empty()
            && let Some(next) = self.waiting.rank_after(rank)
        {
            rank = Some(next);
            let (_, _, account) = next;
            let mut spot = 0;
            while let Some((next, host)) = self.waiting.of_account_after(account, spot) {
                spot = next;
                if self.serve(host, &mut order) == Served::Yes {
                    break;
                }
            }
        }
    }

    fn order(&self, standing: Standing) -> Order {
        let mut order = Order::default();
        for (&id, job) in self.jobs.iter().filter(|(_, job)| job.offers(standing, self.now)) {
            order.jobs.insert((job.served, id));
            order.left = order.left.saturating_add(job.remaining(standing));
        }
        order
    }

    /// Says when copies that are out have become slow, if somebody waits for them.
    fn look_again(&mut self) {
        let waits = [Standing::Own, Standing::Stranger]
            .into_iter()
            .any(|standing| self.waiting.requests(standing) > 0);
        let soonest = self.now + SPARE_PAUSE;
        let running = self.jobs.values().filter(|job| job.row.state == JobState::Running);
        let at = running.filter_map(|job| job.spare_at()).min().map(|at| at.max(soonest));
        self.waiting.look_again(if waits { at } else { None });
    }

    /// Answers a host's request from the first job that has something for it.
    fn serve(&mut self, host: HostId, order: &mut Order) -> Served {
        let Some(known) = self.hosts.get(&host) else { return Served::No };
        let Link::Wants(request) = known.link else { return Served::No };
        let room = self.room(known, request, order.left);
        let mut asker = Asker {
            host: known.host,
            grant: GrantId(self.last_grant + 1),
            now: self.now,
            room,
            room_fresh: UNITS_OPEN_MAX.saturating_sub(self.units_open),
            threads: known.threads(),
            held: known.held,
            pace: known.pace,
        };
        let mut from = Bound::Unbounded;
        while room > 0
            && let Some(rank) = order.jobs.range((from, Bound::Unbounded)).next().copied()
        {
            from = Bound::Excluded(rank);
            let (_, id) = rank;
            let (Some(known), Some(job)) = (self.hosts.get(&host), self.jobs.get(&id)) else {
                continue;
            };
            // The end of a job is shared among hosts though there is other work.
            asker.room = room.min(self.part(known, job.remaining(known.host.standing)));
            let picked = self.pick(id, &asker);
            order.jobs.remove(&rank);
            if let Some(job) = self.jobs.get(&id)
                && job.offers(asker.host.standing, self.now)
            {
                order.jobs.insert((job.served, id));
            }
            if let Some(picked) = picked {
                order.left = order.left.saturating_sub(picked.units.len());
                self.grant(id, &asker, request, &picked);
                return Served::Yes;
            }
        }
        Served::No
    }

    /// What a job gives, if it gives anything; it counts for its share.
    fn pick(&mut self, id: JobId, asker: &Asker) -> Option<Picked> {
        let job = self.jobs.get_mut(&id)?;
        let mut picked = job.pick(asker);
        match picked.search {
            Search::CutShort => self.waiting.cut_short(),
            Search::Whole if picked.units.is_empty() => {
                job.pick_spares(asker, &self.hosts, &mut picked);
            }
            Search::Whole => {}
        }
        if picked.units.is_empty() {
            return None;
        }
        let units = u64::try_from(picked.units.len()).unwrap_or(u64::MAX);
        self.served = self.served.max(job.served);
        let weight = u64::from(job.row.policy.priority.max(1));
        job.served = self.served.saturating_add(units.saturating_mul(UNIT_SERVED) / weight);
        Some(picked)
    }

    /// Writes and tells a grant of picked units.
    fn grant(&mut self, id: JobId, asker: &Asker, request: Request, picked: &Picked) {
        let Some(job) = self.jobs.get(&id) else { return };
        let until = self.now + job.row.policy.deadline;
        if job.offers(Standing::Own, self.now) || job.offers(Standing::Stranger, self.now) {
            self.waiting.stir();
        }
        self.last_grant = asker.grant.0;
        self.units_open += picked.fresh;

        let leases = picked.units.iter().map(|leased| {
            let unit = Place { slice: leased.slice, docs: leased.docs };
            Some(Lease { unit, until, renewals: 0 })
        });
        let leases: Vec<_> = leases.collect();
        let open = leases.len();
        self.insert_grant(asker.grant, Grant { host: asker.host, job: id, leases, open });
        self.request_dropped(asker.host.id);

        let (host, grant) = (asker.host, asker.grant);
        let told = picked.units.iter().map(|leased| (leased.slice, leased.docs)).collect();
        self.write(Write::GrantInsert { grant, host, job: id, units: picked.units.clone() });
        self.tell(Tell::Grant {
            host: host.id,
            request: request.number,
            grant,
            job: id,
            units: told,
        });
        if picked.fresh > 0 {
            self.job_changed(id);
            self.refill(id);
        }
    }
}
