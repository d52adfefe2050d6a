//! Ending: units in hand get a little time, what is done is delivered, the rest is handed back.

use gleaner_failpoint::crash_point;
use gleaner_link::Close;
use gleaner_shared::limits::{GOODBYE_PATIENCE, STOP_PATIENCE};
use tokio::time::{Instant, timeout};

use super::Host;
use super::line::Line;
use crate::disk::marks::Mark;
use crate::talk::span;

/// Whether the client works or is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// It works.
    Working,
    /// It was asked to end.
    Stopping(Stopping),
}

/// How far the ending is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopping {
    /// Until then units in hand may be finished.
    compute_until: Instant,
    /// Until then results are delivered.
    deliver_until: Instant,
}

impl Stopping {
    /// What comes next after that time.
    pub(super) fn next(self, seen: Option<Instant>) -> Instant {
        match seen {
            Some(seen) if seen >= self.compute_until => self.deliver_until,
            _ => self.compute_until,
        }
    }
}

impl Host {
    pub(super) fn handle_stop(&mut self) {
        if self.mode != Mode::Working {
            return;
        }
        let now = Instant::now();
        self.mode = Mode::Stopping(Stopping {
            compute_until: now + span(STOP_PATIENCE.0),
            deliver_until: now + span(STOP_PATIENCE.1),
        });
        let counts = self.hold.counts();
        tracing::info!(
            "stopping: {} units in hand get {} s, {} others are handed back",
            counts.in_hand,
            STOP_PATIENCE.0.0 / 1_000,
            counts.ready + counts.lacking
        );
        self.unwant();
        // Without a session the leases stay ours, and are stated at the next start.
        if self.line.is_open() {
            let queued = self.hold.queued();
            self.release(queued);
        }
        crash_point!("client.stop.begun");
    }

    /// Time is up for the units in hand.
    pub(super) fn pump_stop(&mut self, now: Instant) {
        let Mode::Stopping(stopping) = self.mode else { return };
        if now < stopping.compute_until || self.hold.leases().next().is_none() {
            return;
        }
        let left = self.hold.leases().collect::<Vec<_>>();
        if self.line.is_open() {
            self.release(left);
            return;
        }
        // To be stopped is no fault of theirs.
        let queued = self.hold.queued();
        for lease in left.into_iter().filter(|lease| !queued.contains(lease)) {
            self.hold.void(lease);
            self.mark(lease, Mark::PutBack);
        }
    }

    /// Whether there is nothing left to do, or no time to do it.
    pub(super) fn is_over(&mut self) -> bool {
        let now = Instant::now();
        let Mode::Stopping(stopping) = self.mode else { return self.is_idle(now) };
        let busy = self.hold.counts().in_hand > 0 && now < stopping.compute_until;
        let delivering = !self.outbox.is_empty() && self.line.is_open();
        !busy && (!delivering || now >= stopping.deliver_until)
    }

    /// Whether it was idle for as long as its owner wanted.
    fn is_idle(&mut self, now: Instant) -> bool {
        let counts = self.hold.counts();
        let busy = counts.in_hand + counts.ready + counts.lacking > 0 || !self.outbox.is_empty();
        if busy || !self.line.is_open() {
            self.times.idle_since = None;
            return false;
        }
        let since = *self.times.idle_since.get_or_insert(now);
        let over = self.options.exit_when_idle.is_some_and(|patience| now - since >= patience);
        if over {
            tracing::info!("idle for long enough; the client ends");
        }
        over
    }

    /// Ends the session in order, so that the server knows at once, and closes the socket.
    pub(super) async fn close(&mut self) {
        if let Line::Away(away) = &self.line {
            away.dialing.abort();
        }
        if let Line::Session(session) = &mut self.line {
            // No more words: the session says goodbye and ends.
            let (words, _none) = tokio::sync::mpsc::channel(1);
            session.words = words;
            let connection = session.connection.clone();
            let closed = timeout(span(GOODBYE_PATIENCE), connection.closed()).await;
            if closed.is_err() {
                tracing::debug!("the server did not answer the goodbye");
            }
        }
        crash_point!("client.stop.said");
        let closing = self.target.dialer.close(Close::Done, "the client ends");
        // The server sees an end by silence too, only later.
        let _late = timeout(span(GOODBYE_PATIENCE), closing).await;
        let left = self.outbox.spooled();
        if left > 0 {
            tracing::info!("{left} results stay in the spool and are delivered at the next start");
        }
    }
}
