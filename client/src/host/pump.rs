//! After each event: starts what should be started now.

use gleaner_failpoint::crash_point;
use gleaner_shared::limits::{
    FETCH_STREAMS, KEPT_RESULTS_PER_THREAD, REST_PAUSE, TRANSFER_ITEMS_MAX,
};
use gleaner_shared::wire::work::FromHost;
use tokio::time::Instant;

use super::Host;
use super::buffer::{Stock, wanted};
use super::line::Phase;
use super::stop::Mode;
use super::times::due;
use super::trouble_on_disk::DiskState;
use crate::disk::durable;
use crate::disk::marks::Mark;
use crate::talk::deliver::deliver;
use crate::talk::fetch::fetch;
use crate::talk::span;

/// How many units were done, beside the data folder's other files; and how often it is written.
pub(super) const DONE_FILE: &str = "done";
const DONE_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

impl Host {
    pub(super) fn pump(&mut self) {
        let now = Instant::now();
        self.times.seen = Some(now);
        self.disk_retry(now);
        self.pump_stop(now);
        self.pump_units(now);
        self.pump_fetches(now);
        self.pump_wants(now);
        self.pump_deliveries(now);
        self.pump_renewals(now);
        self.pump_rest(now);
        if self.times.done.is_some_and(|at| at <= now) {
            self.done_save();
        } else if self.done.total != self.done.saved {
            self.times.done.get_or_insert(now + DONE_EVERY);
        }
    }

    /// Gives units to free threads. While the disk takes nothing, no more are begun than memory
    /// may keep.
    fn pump_units(&mut self, now: Instant) {
        if self.mode != Mode::Working || !due(&mut self.times.start, now) {
            return;
        }
        let threads = self.threads.count();
        let mut in_hand = self.hold.counts().in_hand;
        let kept_max = KEPT_RESULTS_PER_THREAD * threads;
        while in_hand < threads && self.outbox.kept() + in_hand < kept_max {
            let Some(task) = self.hold.start() else { return };
            // Marked before it starts, so that a unit that ends the process is found.
            self.mark(task.lease, Mark::Started);
            crash_point!("client.unit.marked");
            tracing::debug!("unit {} is begun", task.lease);
            if let Err(task) = self.threads.give(task) {
                self.hold.put_back(task.lease);
                self.mark(task.lease, Mark::PutBack);
                return;
            }
            in_hand += 1;
        }
    }

    fn pump_fetches(&mut self, now: Instant) {
        let Some(session) = self.line.open() else { return };
        if self.mode != Mode::Working || !due(&mut self.times.fetch, now) {
            return;
        }
        while session.fetches < FETCH_STREAMS {
            let orders = self.hold.orders(TRANSFER_ITEMS_MAX);
            if orders.is_empty() {
                return;
            }
            session.fetches += 1;
            session.tasks.spawn(fetch(
                session.connection.clone(),
                (session.id, orders),
                self.blobs.clone(),
                self.events.clone(),
            ));
        }
    }

    /// Asks for the missing units; one want at a time.
    fn pump_wants(&mut self, now: Instant) {
        let units = wanted(&self.stock());
        let may = self.mode == Mode::Working && self.disk == DiskState::Fine;
        let Some(session) = self.line.open() else { return };
        if !may || session.phase != Phase::Open || session.want.is_some() || units == 0 {
            return;
        }
        if !due(&mut self.times.want, now) {
            return;
        }
        self.requests = self.requests.wrapping_add(1);
        let request = self.requests;
        session.want = Some(request);
        self.say(FromHost::Want { request, units });
    }

    /// Takes back what it has asked for: others may have the work.
    pub(super) fn unwant(&mut self) {
        let Some(session) = self.line.open() else { return };
        if session.want.take().is_some() {
            self.requests = self.requests.wrapping_add(1);
            self.say(FromHost::Want { request: self.requests, units: 0 });
        }
    }

    fn stock(&self) -> Stock {
        let counts = self.hold.counts();
        Stock {
            threads: self.threads.count(),
            in_hand: counts.in_hand,
            ahead: counts.ready + counts.lacking,
            leases: counts.in_hand
                + counts.ready
                + counts.lacking
                + self.outbox.spooled()
                + self.outbox.kept(),
            bytes: self.hold.bytes(),
            unit_time: match self.hold.next_job() {
                Some(job) => self.paces.of(job),
                None => self.paces.latest(),
            },
        }
    }

    /// Delivers results, one stream at a time: what is done meanwhile travels together.
    fn pump_deliveries(&mut self, now: Instant) {
        let waiting = self.outbox.waiting();
        let Some(session) = self.line.open() else { return };
        if session.deliveries > 0 || waiting == 0 {
            return;
        }
        let few = waiting < TRANSFER_ITEMS_MAX / 4 && self.mode == Mode::Working;
        if !due(&mut self.times.deliver, now) || (few && !due(&mut self.times.gather, now)) {
            return;
        }
        self.times.gather = None;
        let names = self.outbox.batch();
        session.deliveries += 1;
        session.tasks.spawn(deliver(
            session.connection.clone(),
            (session.id, names),
            self.spool.clone(),
            self.events.clone(),
        ));
    }

    fn pump_renewals(&mut self, now: Instant) {
        if !self.line.is_open() || self.times.renew.is_some_and(|at| at > now) {
            return;
        }
        self.times.renew = Some(now + self.renew_every());
        let leases = self.leases();
        if !leases.is_empty() {
            self.say(FromHost::Renew(leases));
        }
    }

    /// An idle client is small: some time after the last unit, what units share is forgotten.
    fn pump_rest(&mut self, now: Instant) {
        if self.hold.jobs().next().is_some() {
            self.times.rest = Some(now + span(REST_PAUSE));
        } else if self.times.rest.is_some_and(|at| at <= now) {
            self.times.rest = None;
            self.threads.rest();
        }
    }

    /// Writes down how many units were done. It is for people: a crash may lose the last seconds.
    pub(super) fn done_save(&mut self) {
        self.times.done = None;
        if self.done.saved == self.done.total {
            return;
        }
        let text = format!("{}\n", self.done.total);
        match durable::put(self.folder.root(), DONE_FILE, &[text.as_bytes()]) {
            Ok(()) => self.done.saved = self.done.total,
            Err(error) => self.disk_refused(&error.to_string()),
        }
    }
}
