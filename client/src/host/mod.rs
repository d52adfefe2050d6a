//! The host: one owner of all that a running client knows. It reads one queue of events, changes its
//! books, and starts what should be started; threads and tasks do the rest.

pub(crate) mod buffer;
pub(crate) mod event;
pub(crate) mod hold;
pub(crate) mod outbox;

mod line;
mod on_computed;
mod on_grant;
mod on_session;
mod on_transfer;
mod pump;
mod report;
mod resume;
mod stop;
mod times;
mod trouble_on_disk;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::time::Duration;

use gleaner_shared::id::{Digest, LeaseId};
use gleaner_shared::wire::work::{FromHost, Grant};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, sleep_until};

use self::buffer::Paces;
use self::event::Event;
use self::hold::{Gone, Hold, Voided};
use self::line::Line;
use self::outbox::Outbox;
use self::stop::Mode;
use self::times::Times;
use self::trouble_on_disk::DiskState;
use crate::compute::threads::Threads;
use crate::disk::blobs::{Blobs, Item};
use crate::disk::folder::Folder;
use crate::disk::grants::Grants;
use crate::disk::marks::Mark;
use crate::disk::membership::Membership;
use crate::disk::spool::Spool;
use crate::status::{Presence, Report};
use crate::talk::backoff::Backoff;
use crate::talk::dial::Target;
use crate::trouble::Trouble;

/// How a client is to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Threads that compute.
    pub(crate) threads: NonZero<usize>,
    /// After how long without units or results it ends.
    pub(crate) exit_when_idle: Option<Duration>,
}

/// A running client.
#[derive(Debug)]
pub(crate) struct Host {
    options: Options,
    membership: Membership,
    target: Target,
    folder: Folder,
    blobs: Blobs,
    spool: Spool,
    grants: Grants,
    /// Grants that the disk did not take yet.
    unsaved: Vec<Grant>,
    hold: Hold,
    outbox: Outbox,
    threads: Threads,
    paces: Paces,
    /// Jobs that are too much for this machine.
    unable: BTreeSet<Digest>,
    line: Line,
    /// Sessions in a row that did not last.
    backoff: Backoff,
    /// Sessions begun so far.
    sessions: u64,
    /// Wants said so far.
    requests: u32,
    times: Times,
    disk: DiskState,
    mode: Mode,
    done: Done,
    events: Sender<Event>,
}

/// Results that the server has taken from this machine, ever.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    total: u64,
    /// What the disk says.
    saved: u64,
}

/// How many results the server has taken from a folder's machine, as far as it was written down.
pub(crate) fn units_done(folder: &Folder) -> u64 {
    Done::load(folder).total
}

impl Host {
    /// Runs until it is to stop, or cannot go on. How it went.
    pub(crate) async fn run(mut self, mut queue: Receiver<Event>) -> Result<Report, Trouble> {
        self.pump();
        while !self.is_over() {
            let event = next(&mut queue, self.wake_at()).await;
            if let Err(trouble) = self.handle(event) {
                self.done_save();
                self.close().await;
                return Err(trouble);
            }
            self.pump();
        }
        self.done_save();
        let report = self.report();
        self.close().await;
        Ok(Report { state: Presence::NotRunning, ..report })
    }

    fn handle(&mut self, event: Event) -> Result<(), Trouble> {
        match event {
            Event::Computed(computed) => self.handle_computed(computed),
            Event::Connected(connection) => self.handle_connected(connection),
            Event::NotConnected(error) => return self.handle_not_connected(error),
            Event::Of(id, event) => return self.handle_session(id, event),
            Event::Asked(answer) => {
                // Who asked may have gone away meanwhile.
                let _gone = answer.send(self.report());
            }
            Event::Stop => self.handle_stop(),
            Event::Woken => {}
        }
        Ok(())
    }

    /// Says something to the server, if there is a session.
    fn say(&mut self, word: FromHost) {
        if let Line::Session(session) = &self.line
            && session.words.try_send(word).is_err()
        {
            // Either the session is over, which is being told, or the server reads nothing.
            session.connection.close(gleaner_link::Close::Stalled, "the session is stuck");
        }
    }

    /// Hands leases back undone.
    fn release(&mut self, leases: Vec<LeaseId>) {
        if leases.is_empty() {
            return;
        }
        for lease in &leases {
            self.void(*lease);
        }
        self.say(FromHost::Release(leases));
    }

    /// Drops what a lease was for. A result that is on disk already is delivered all the same.
    fn void(&mut self, lease: LeaseId) {
        self.outbox.void(lease);
        match self.hold.void(lease) {
            Voided::Gone(gone) => self.clear(gone),
            Voided::InHand | Voided::Unknown => {}
        }
        self.mark(lease, Mark::Ended);
    }

    /// A unit is not held any more.
    fn end(&mut self, lease: LeaseId) {
        if let Some(gone) = self.hold.end(lease) {
            self.clear(gone);
        }
    }

    /// Payloads that nobody needs go at once; artefacts may be needed by the next job.
    fn clear(&mut self, gone: Gone) {
        for item in gone.free {
            if let Item::Payload(_) = item
                && let Err(error) = self.blobs.remove(item)
            {
                tracing::warn!("a payload cannot be removed: {error}");
            }
        }
    }

    /// Notes what becomes of a unit. Without the note it is at worst done twice.
    fn mark(&mut self, lease: LeaseId, mark: Mark) {
        if let Err(error) = self.grants.mark(lease, mark) {
            self.disk_refused(&error.to_string());
        }
    }

    /// All leases, of units and of results.
    fn leases(&self) -> Vec<LeaseId> {
        let mut leases: Vec<_> = self.hold.leases().chain(self.outbox.leases()).collect();
        leases.sort_unstable();
        leases.dedup();
        leases.truncate(gleaner_shared::limits::HOST_LEASES_MAX);
        leases
    }
}

/// The next event; at that time, if nothing happens before, [`Event::Woken`].
async fn next(queue: &mut Receiver<Event>, wake_at: Option<Instant>) -> Event {
    let Some(at) = wake_at else { return queue.recv().await.unwrap_or(Event::Stop) };
    // What has happened comes first: after each event, what is due is looked at all the same.
    tokio::select! {
        biased;
        event = queue.recv() => event.unwrap_or(Event::Stop),
        () = sleep_until(at) => Event::Woken,
    }
}
