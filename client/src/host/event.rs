//! What the host is told, by threads, tasks and the system. One queue, one reader.

use gleaner_link::{ConnectError, Connection};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{Delivered, ToHost};
use tokio::sync::oneshot;

use crate::compute::task::Computed;
use crate::disk::blobs::Item;
use crate::disk::spool::Name;
use crate::status::Report;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A thread is done with a unit.
    Computed(Computed),
    /// There is a connection.
    Connected(Connection),
    /// There is none yet; it is tried again.
    NotConnected(ConnectError),
    /// Of a session; of those that are over only receipts mean something.
    Of(SessionId, SessionEvent),
    /// Somebody wants to know how it goes.
    Asked(oneshot::Sender<Report>),
    /// The owner, or the system, wants the process to end.
    Stop,
    /// A time has come.
    Woken,
}

/// Which connection of this process an event is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionId(pub(crate) u64);

/// What happened on a connection.
#[derive(Debug)]
pub(crate) enum SessionEvent {
    /// The server said something.
    Said(ToHost),
    /// It is over.
    Lost(String),
    /// An item was asked for.
    Fetched(Item, Fetch),
    /// A transfer is over; these of its items were not dealt with.
    FetchOver(Vec<Item>, Over),
    /// A delivery is over; what became of its results.
    DeliveryOver(Vec<(Name, Fate)>, Over),
}

/// What came of an item.
#[derive(Debug)]
pub(crate) enum Fetch {
    /// It is on disk, checked.
    Here,
    /// The server has no such item, or another length of it.
    Missing,
    /// Its bytes were not what was promised.
    Damaged,
    /// The disk did not take it.
    Disk(String),
}

/// How a transfer ended.
#[derive(Debug)]
pub(crate) enum Over {
    /// As it should.
    Done,
    /// The server said no.
    Refused(Refusal),
    /// The stream broke.
    Broke(String),
}

/// What became of a result.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The server said this of it.
    Said(Delivered),
    /// It was damaged on disk, and is set aside.
    Damaged(String),
    /// Nothing yet.
    Waits,
}
