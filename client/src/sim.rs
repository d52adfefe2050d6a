//! Hosts in a simulation (feature `sim`): the client's own code but for its threads, which compute
//! in virtual time, and its signals. What happens to a host is seen by whoever asked for it.

use std::io;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gleaner_link::{Dialer, Invite};
use gleaner_shared::id::{Digest, GrantId, LeaseId};
use gleaner_shared::limits::CLIENT_QUEUE;
use gleaner_shared::wire::work::{Delivered, ResultHead, ToHost};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinHandle, JoinSet};

use crate::command::join::asked;
use crate::compute::perform::Workshop;
use crate::compute::task::{Computed, Made, Task};
use crate::compute::threads::Threads;
use crate::disk::folder::Folder;
use crate::disk::membership::Membership;
use crate::disk::spool::{Entry, Name, Spool};
use crate::host::event::{Event, Fate, Fetch, SessionEvent};
use crate::host::{Host, Options};
use crate::talk::dial::Target;
use crate::trouble::Trouble;

/// What happened to a host.
#[derive(Clone, Debug)]
pub enum Seen {
    /// It has a connection.
    Connected,
    /// A try to connect failed.
    NotConnected(String),
    /// The server has said welcome.
    Welcome,
    /// It was given so many units.
    Granted(GrantId, usize),
    /// These leases are void.
    Cancelled(Vec<LeaseId>),
    /// The server is about to stop.
    Drained,
    /// The session is over.
    Lost(String),
    /// An item has come, whole and right.
    Came(Digest),
    /// An item has come, and its bytes are not what was promised.
    Damaged(Digest),
    /// A result is in the spool, now or from an earlier life.
    Spooled(ResultHead),
    /// The server has said what became of a result.
    Told(ResultHead, Delivered),
    /// The host has ended, and why if it is not well.
    Ended(Option<String>),
}

/// How a host computes, and who sees what happens to it.
pub trait Watch: Send + 'static {
    /// How long the next unit takes.
    fn pace(&mut self) -> Duration;
    /// Something happened.
    fn see(&mut self, seen: Seen);
}

/// Joins a server with a folder, as `join` does.
///
/// # Errors
/// As a user would read them.
pub async fn join(
    folder: &Path,
    dialer: &Dialer,
    invite: &Invite,
    name: &str,
) -> Result<(), String> {
    let folder = Folder::new(folder);
    let membership = asked(dialer, invite, name).await.map_err(|trouble| trouble.to_string())?;
    folder.make().and_then(|()| membership.save(&folder)).map_err(|error| error.to_string())
}

/// A host that runs.
#[derive(Debug)]
pub struct Guest {
    events: Sender<Event>,
    host: JoinHandle<()>,
    /// The played threads and the watch, which end with it.
    _beside: JoinSet<()>,
}

impl Guest {
    /// Runs a host on a folder that has joined.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn begin<W: Watch>(
        folder: &Path,
        dialer: Dialer,
        threads: NonZero<usize>,
        watch: W,
    ) -> io::Result<Self> {
        let folder = Folder::new(folder);
        let membership = Membership::load(&folder).map_err(io::Error::other)?;
        let server = membership.server().map_err(io::Error::other)?;
        let target = Target { dialer, server, address: membership.address.clone() };
        let (events, happened) = mpsc::channel(CLIENT_QUEUE);
        let (passed, queue) = mpsc::channel(CLIENT_QUEUE);
        let watch = Arc::new(Mutex::new(watch));
        let (played, tasks) = Threads::without(threads, Workshop::here(&folder));
        let tasks = Arc::new(Mutex::new(tasks));
        let mut beside = JoinSet::new();
        let (earlier, _damaged) = Spool::new(&folder).scan()?;
        beside.spawn(pass(happened, (passed, earlier), watch.clone()));
        for _ in 0..threads.get() {
            let (workshop, tasks) = (played.workshop(), tasks.clone());
            beside.spawn(compute(tasks, workshop, events.clone(), watch.clone()));
        }
        let options = Options { threads, exit_when_idle: None };
        let host = Host::begin(options, (&folder, membership), (target, played), events.clone())?;
        let host = tokio::spawn(async move {
            let ended = host.run(queue).await;
            let why = ended.err().map(|trouble: Trouble| trouble.to_string());
            watch.lock().await.see(Seen::Ended(why));
        });
        Ok(Self { events, host, _beside: beside })
    }

    /// Stops it as SIGTERM does, and waits for its end.
    pub async fn stop(self) {
        // It may have ended by itself.
        let _ended = self.events.send(Event::Stop).await;
        let _ended = self.host.await;
    }

    /// It dies between two instants; nothing of it runs on.
    pub async fn kill(self) {
        self.host.abort();
        let _aborted = self.host.await;
    }
}

/// Shows what happened and passes it on.
async fn pass<W: Watch>(
    mut happened: Receiver<Event>,
    (passed, earlier): (Sender<Event>, Vec<Entry>),
    watch: Arc<Mutex<W>>,
) {
    let mut spooled: Vec<(Name, ResultHead)> = Vec::new();
    for entry in earlier {
        watch.lock().await.see(Seen::Spooled(entry.head.clone()));
        spooled.push((entry.name(), entry.head));
    }
    while let Some(event) = happened.recv().await {
        for seen in seen(&event, &mut spooled) {
            watch.lock().await.see(seen);
        }
        if passed.send(event).await.is_err() {
            return;
        }
    }
}

fn seen(event: &Event, spooled: &mut Vec<(Name, ResultHead)>) -> Vec<Seen> {
    match event {
        Event::Connected(_) => vec![Seen::Connected],
        Event::NotConnected(error) => vec![Seen::NotConnected(error.to_string())],
        Event::Computed(Computed { what: Made::Spooled(name, entry), .. }) => {
            spooled.push((name.clone(), entry.head.clone()));
            vec![Seen::Spooled(entry.head.clone())]
        }
        Event::Of(_, SessionEvent::Said(said)) => said_seen(said).into_iter().collect(),
        Event::Of(_, SessionEvent::Lost(why)) => vec![Seen::Lost(why.clone())],
        Event::Of(_, SessionEvent::Fetched(item, Fetch::Here)) => vec![Seen::Came(item.digest())],
        Event::Of(_, SessionEvent::Fetched(item, Fetch::Damaged)) => {
            vec![Seen::Damaged(item.digest())]
        }
        Event::Of(_, SessionEvent::DeliveryOver(fates, _)) => {
            let told = fates.iter().filter_map(|(name, fate)| match fate {
                Fate::Said(delivered) => Some((name, *delivered)),
                Fate::Damaged(_) | Fate::Waits => None,
            });
            let head = |name: &Name| spooled.iter().rev().find(|(known, _)| known == name);
            told.filter_map(|(name, delivered)| Some(Seen::Told(head(name)?.1.clone(), delivered)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn said_seen(said: &ToHost) -> Option<Seen> {
    match said {
        ToHost::Welcome { .. } => Some(Seen::Welcome),
        ToHost::Grant(grant) => Some(Seen::Granted(grant.grant, grant.units.len())),
        ToHost::Cancel(leases) => Some(Seen::Cancelled(leases.clone())),
        ToHost::Drain => Some(Seen::Drained),
        ToHost::Refused(_) => None,
    }
}

/// A played thread: a unit takes virtual time, then its result is there at once.
async fn compute<W: Watch>(
    tasks: Arc<Mutex<Receiver<Task>>>,
    workshop: Arc<Workshop>,
    events: Sender<Event>,
    watch: Arc<Mutex<W>>,
) {
    loop {
        let task = tasks.lock().await.recv().await;
        let Some(task) = task else { return };
        let took = watch.lock().await.pace();
        tokio::time::sleep(took).await;
        // No process of its own for a suspect: here no unit ends a process.
        let task = Task { died: 0, ..task };
        let what = workshop.perform(&task);
        if events.send(Event::Computed(Computed { lease: task.lease, took, what })).await.is_err() {
            return;
        }
    }
}
