//! What a thread has made.

use std::time::Duration;

use gleaner_failpoint::crash_point;
use gleaner_shared::id::LeaseId;
use gleaner_shared::limits::{DELIVERY_GATHER, RETRY_PAUSE, UNABLE_JOBS_MAX, UNABLE_PAUSE};
use gleaner_shared::wire::work::{JobBrief, ResultHead, Returned};
use tokio::time::Instant;

use super::Host;
use super::outbox::Kept;
use crate::compute::task::{Computed, Made};
use crate::disk::blobs::Item;
use crate::disk::marks::Mark;
use crate::disk::spool::{Entry, Name};
use crate::talk::span;
use crate::tame::tame;

impl Host {
    pub(super) fn handle_computed(&mut self, computed: Computed) {
        let Computed { lease, took, what } = computed;
        if self.hold.is_void(lease) {
            return self.drop_void(lease, what);
        }
        match what {
            Made::Spooled(name, entry) => self.spooled(name, &entry, took),
            Made::Kept { entry, packed, why } => {
                self.disk_refused(&why);
                self.log_done(&entry, took);
                self.outbox.keep(Kept { entry, packed });
                self.end(lease);
            }
            Made::Void => self.end(lease),
            Made::Lacks(item) => self.lacking(lease, item),
            Made::UnknownApp => self.unable(lease),
            Made::Unread(why) => {
                self.disk_refused(&why);
                self.times.start = Some(Instant::now() + span(RETRY_PAUSE));
                self.put_back(lease);
            }
            Made::Interrupted => self.put_back(lease),
            Made::Died(how) => {
                // Its mark stays: after a restart it is a suspect too.
                tracing::info!("unit {lease} is suspect, and has a crew for itself next: {how}");
                self.hold.suspect(lease);
            }
            Made::Unready(how) => self.unready(lease, &how),
            Made::Unstarted(why) => {
                tracing::warn!("no process can be started to compute: {why}; it is tried again");
                self.times.start = Some(Instant::now() + span(RETRY_PAUSE));
                self.put_back(lease);
            }
        }
    }

    /// Nobody wants the result of a void lease: its lease was marked as ended when it became void.
    fn drop_void(&mut self, lease: LeaseId, what: Made) {
        if let Made::Spooled(name, _) = what
            && let Err(error) = self.spool.remove(&name)
        {
            tracing::warn!("the result of a void unit cannot be removed: {error}");
        }
        tracing::info!("unit {lease} was taken back; its result is dropped");
        self.end(lease);
    }

    fn spooled(&mut self, name: Name, entry: &Entry, took: Duration) {
        crash_point!("client.result.spooled");
        self.log_done(entry, took);
        // With the receipt's line this tells whether a unit is ever computed after its receipt.
        tracing::debug!("result {name:?} spooled after {} ms", took.as_millis());
        self.outbox.add(name, entry);
        self.end(entry.lease);
        self.mark(entry.lease, Mark::Ended);
        if let Returned::Records { .. } = entry.head.returned {
            self.paces.add(entry.head.job, took);
        }
        // A few results travel together; the first of them waits for the others a little.
        let gathered = Instant::now() + span(DELIVERY_GATHER);
        self.times.gather.get_or_insert(gathered);
    }

    fn log_done(&self, entry: &Entry, took: Duration) {
        let unit = unit_name(&entry.head);
        let job = self.hold.job(entry.lease).map_or(String::new(), |job| tame(&job.name));
        let seconds = took.as_secs_f64();
        match &entry.head.returned {
            Returned::Records { len, .. } => {
                let kilobytes = len.div_ceil(1_000);
                tracing::info!("unit {unit} of {job} done {seconds:.1} s, {kilobytes} KB");
            }
            Returned::Failed { class, message } => {
                let message = tame(message);
                tracing::warn!("unit {unit} of {job} failed ({class:?}) {seconds:.1} s: {message}");
            }
        }
    }

    /// An item was damaged on disk: it is fetched again, and the unit waits for it.
    fn lacking(&mut self, lease: LeaseId, item: Item) {
        tracing::warn!("{item:?} is damaged on disk or gone; it is fetched again");
        self.put_back(lease);
        let given_up = self.hold.spoiled(item);
        self.release(given_up);
    }

    fn put_back(&mut self, lease: LeaseId) {
        self.hold.put_back(lease);
        self.mark(lease, Mark::PutBack);
    }

    /// This client is too old for the job: others must do it.
    fn unable(&mut self, lease: LeaseId) {
        let Some(job) = self.hold.job(lease).cloned() else { return };
        tracing::warn!("this client does not know the app {}; update it", job.app);
        self.hand_back_all(lease, |held| held.app == job.app);
    }

    /// The job alone, without a document, is too much for this machine: others must do it.
    fn unready(&mut self, lease: LeaseId, how: &str) {
        let Some(job) = self.hold.job(lease).cloned() else { return };
        tracing::warn!(
            "job {} is too much for this machine, whose other jobs go on; give the client more \
             --memory and start it again: {how}",
            tame(&job.name)
        );
        if self.unable.len() >= UNABLE_JOBS_MAX {
            // They are tried once more.
            self.unable.clear();
        }
        self.unable.insert(job.digest);
        self.hand_back_all(lease, |held| held.digest == job.digest);
    }

    /// Hands all units of such jobs back, and asks for nothing for a while.
    fn hand_back_all(&mut self, lease: LeaseId, is_such: impl Fn(&JobBrief) -> bool) {
        self.times.want = Some(Instant::now() + span(UNABLE_PAUSE));
        self.hold.put_back(lease);
        let such = |lease: &LeaseId| self.hold.job(*lease).is_some_and(|held| is_such(held));
        let leases = self.hold.leases().filter(such).collect();
        self.release(leases);
    }
}

/// A unit as it is called in the log: the payload's digest and its documents.
fn unit_name(head: &ResultHead) -> String {
    format!("{:.4}[{}..{}]", head.payload, head.docs.first, head.docs.end())
}
