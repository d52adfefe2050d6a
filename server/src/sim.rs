//! The server's front and driver in a simulation (feature `sim`), over a truth that is handed in.
//! Signals, the data folder, finish steps and the socket for admins are not here.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use gleaner_engine::event::Event;
use gleaner_link::{Close, Server};
use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::SERVER_STOP_PATIENCE;
use gleaner_shared::policy::Policy;
use gleaner_store::{JobInsert, Store};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::command::Commands;
use crate::dictionaries::Dictionaries;
use crate::driver::{self, Driver, Finisher, Handle, Input, Kept, NewJob, Question};
use crate::finish::Running;
use crate::front::{Front, Partials};
use crate::registry;
use crate::truth::Truth;

/// A server that serves.
#[derive(Debug)]
pub struct Serving {
    handle: Handle,
    driver: AbortHandle,
    front: JoinHandle<()>,
    server: Arc<Server>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Nothing is derived: each finish step has ended as soon as it begins.
#[derive(Debug)]
struct Prompt(Handle);

impl Finisher for Prompt {
    fn start(&mut self, job: JobId, _generation: u32) {
        let handle = self.0.clone();
        tokio::spawn(async move {
            // A driver that has ended needs no word of it.
            let _gone = handle.send(Input::Event(Event::Finished(job))).await;
        });
    }
}

impl Serving {
    /// Serves connections of `server` from a truth. The store is for admins only, who never come.
    ///
    /// # Errors
    /// What the truth holds cannot be served.
    pub async fn begin<T: Truth>(
        truth: T,
        store: Store,
        (id, server): (HostId, Server),
    ) -> Result<Self, String> {
        let (handle, inputs) = driver::queue();
        let finisher = Prompt(handle.clone());
        let driver = Driver::new(truth.clone(), finisher, registry::tables_of).await;
        let driver = driver.map_err(|error| error.to_string())?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let commands = Commands {
            store,
            driver: handle.clone(),
            id,
            address: server.local_addr().to_string().into(),
            started: Instant::now(),
            submitting: Arc::default(),
            adding: Arc::default(),
            tasks: tasks.clone(),
            dictionaries: Dictionaries::default(),
            finishing: Running::default(),
            planning: Arc::default(),
        };
        let front = Front {
            store: truth,
            driver: handle.clone(),
            tables_of: registry::tables_of,
            commands,
            partials: Partials::default(),
            sessions: Arc::new(AtomicU64::new(1)),
            stop: stop.clone(),
            tasks: tasks.clone(),
        };
        let driver = tokio::spawn(driver.run(inputs)).abort_handle();
        let server = Arc::new(server);
        let listening = Arc::clone(&server);
        let front = tokio::spawn(async move { front.serve(&listening).await });
        Ok(Self { handle, driver, front, server, stop, tasks })
    }

    /// Stops as the program does when it is asked to.
    pub async fn drain(self) {
        let span = |patience: gleaner_shared::measure::Millis| Duration::from_millis(patience.0);
        self.stop.cancel();
        let _over = self.front.await;
        self.tasks.close();
        // Who does not end in time is closed upon.
        let _late = timeout(span(SERVER_STOP_PATIENCE.0), self.tasks.wait()).await;
        let closing = self.server.close(Close::Stopping, "the server stops");
        let _late = timeout(span(SERVER_STOP_PATIENCE.1), closing).await;
        self.driver.abort();
    }

    /// It dies. What is left of it must neither reach the network nor the truth any more, which is
    /// for the caller to see to.
    pub fn kill(self) {
        self.driver.abort();
        self.front.abort();
    }

    /// Whether the driver still runs.
    pub fn is_alive(&self) -> bool {
        !self.driver.is_finished()
    }

    /// Opens a job; whether it is on disk.
    pub async fn submit(&self, insert: JobInsert, policy: Policy, slices: u32) -> bool {
        let tables = insert.tables;
        self.handle.job(NewJob { insert, policy, slices, tables }).await.ok() == Some(Kept::Yes)
    }

    /// Tells the engine something; whether what follows is on disk.
    pub async fn change(&self, events: Vec<Event>) -> bool {
        self.handle.change(events).await.ok() == Some(Kept::Yes)
    }

    /// Hosts that the engine holds for connected.
    pub async fn hosts_connected(&self) -> Option<u32> {
        let view = self.handle.ask(Question::Totals).await;
        view.ok().map(|view| view.hosts_connected)
    }
}
