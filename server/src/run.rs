//! `gleaner-server run`: puts the parts together, serves, and drains.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant, SystemTime};

use gleaner_failpoint::crash_point;
use gleaner_link::{Close, Identity, Server};
use gleaner_shared::limits::SERVER_STOP_PATIENCE;
use gleaner_shared::measure::Millis;
use gleaner_store::{Options, Store};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::command::{self, Commands};
use crate::data::{Data, Lock};
use crate::dictionaries::Dictionaries;
use crate::driver::{self, Driver, DriverError};
use crate::finish::{Running, Steps};
use crate::front::{Front, Partials};
use crate::ready::Ready;
use crate::trouble::{Exit, Trouble};
use crate::{address, cli, demo, place, registry};

/// Serves until SIGTERM or SIGINT; the second of them ends the process at once.
pub(crate) async fn run(wish: cli::Run) -> Result<(), Trouble> {
    let started = Instant::now();
    let mut signals = Signals::new()?;
    let database = wish.db.as_deref().map(place::database).transpose()?;
    let objects = wish.objects.as_deref().map(place::objects).transpose()?;
    let public = wish.public.map(address::public).transpose()?;
    let data = Data::hold(&wish.data)?;
    let database = database.unwrap_or_else(|| data.database());
    let objects = objects.unwrap_or_else(|| data.objects());
    // The folder's lock does not know of a database elsewhere.
    let _lock = Lock::beside(&database)?;
    let identity = Identity::load_or_create(&data.identity())?;
    let store = Store::open(Options { database, objects }).await?;
    let server = Server::bind(&identity, wish.listen)?;
    let listen = server.local_addr();
    let address = public.unwrap_or_else(|| address::reachable(listen).to_string());
    let serving = Serving::begin(&store, &identity, &address, started).await?;
    let socket = data.socket();
    command::serve_socket(
        &socket,
        serving.commands.clone(),
        serving.stop.clone(),
        serving.tasks.clone(),
    )
    .await
    .map_err(|error| socket_trouble(&socket, &error))?;
    let demo = match wish.demo {
        true => Some(demo::add(&serving.commands).await),
        false => None,
    };
    let demo = demo.transpose().map_err(|error| {
        Trouble::failed("the demonstration cannot be added", format!("{error:#}"))
    })?;
    let ready = Ready {
        data: &wish.data,
        address: &address,
        listen,
        id: identity.id(),
        took: started.elapsed(),
        demo: demo.as_ref(),
    };
    tracing::info!(%address, id = %identity.id(), "ready");
    match wish.json {
        true => ready.say_json(),
        false => ready.say_text(),
    }
    let ended = serving.until_stopped(&store, &server, &mut signals).await;
    let closed = async {
        server.close(Close::Stopping, "the server stops").await;
        store.close().await;
    };
    tokio::select! {
        () = closed => {}
        () = sleep(SERVER_STOP_PATIENCE.1) => tracing::warn!("stopped in the middle of a write"),
        code = signals.next() => at_once(code),
    }
    ended
}

/// The parts that work together.
struct Serving {
    driver: JoinHandle<Result<(), DriverError>>,
    commands: Commands,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Serving {
    async fn begin(
        store: &Store,
        identity: &Identity,
        address: &str,
        started: Instant,
    ) -> Result<Self, Trouble> {
        let (handle, inputs) = driver::queue();
        let finishing = Running::default();
        let steps = Steps::new(store.clone(), handle.clone(), finishing.clone());
        let driver = Driver::new(store.clone(), steps, registry::tables_of).await?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let commands = Commands {
            store: store.clone(),
            driver: handle,
            id: identity.id(),
            address: address.into(),
            started,
            submitting: Arc::default(),
            adding: Arc::default(),
            tasks: tasks.clone(),
            dictionaries: Dictionaries::default(),
            finishing,
            planning: Arc::default(),
        };
        Ok(Self { driver: tokio::spawn(driver.run(inputs)), commands, stop, tasks })
    }

    /// Serves, then lets what is under way end.
    async fn until_stopped(
        self,
        store: &Store,
        server: &Server,
        signals: &mut Signals,
    ) -> Result<(), Trouble> {
        let front = Front {
            store: store.clone(),
            driver: self.commands.driver.clone(),
            tables_of: registry::tables_of,
            commands: self.commands,
            partials: Partials::default(),
            sessions: Arc::new(AtomicU64::new(1)),
            stop: self.stop.clone(),
            tasks: self.tasks.clone(),
        };
        self.tasks.spawn(sweep(store.clone(), self.stop.clone()));
        let ended = tokio::select! {
            () = front.serve(server) => Ok(()),
            ended = self.driver => driver_trouble(ended),
            _ = signals.next() => Ok(()),
        };
        tracing::info!("stopping");
        self.stop.cancel();
        self.tasks.close();
        tokio::select! {
            () = self.tasks.wait() => {}
            () = sleep(SERVER_STOP_PATIENCE.0) => tracing::warn!("some peers did not end in time"),
            code = signals.next() => at_once(code),
        }
        crash_point!("server.stop.drained");
        ended
    }
}

/// Removes what a crash left among the objects.
async fn sweep(store: Store, stop: CancellationToken) {
    match stop.run_until_cancelled(store.sweep(SystemTime::now())).await {
        Some(Ok(swept)) if swept.removed > 0 => {
            tracing::info!(removed = swept.removed, "orphaned objects removed");
        }
        Some(Ok(_)) | None => {}
        Some(Err(error)) => tracing::warn!(%error, "orphaned objects could not be looked for"),
    }
}

fn driver_trouble(
    ended: Result<Result<(), DriverError>, tokio::task::JoinError>,
) -> Result<(), Trouble> {
    match ended {
        Ok(ended) => Ok(ended?),
        Err(error) => Err(Trouble::failed("the server cannot go on", error)),
    }
}

fn socket_trouble(socket: &Path, error: &std::io::Error) -> Trouble {
    let what = format!("the admin socket {} cannot be made", socket.display());
    let act = match error.kind() {
        // Sockets have paths of at most 107 bytes (unix(7)).
        ErrorKind::InvalidInput => "name the data folder by a shorter path",
        _ => "keep the data folder on a local disk, and leave its admin.sock alone",
    };
    Trouble { exit: Exit::Failed, what, why: error.to_string(), act }
}

async fn sleep(patience: Millis) {
    tokio::time::sleep(Duration::from_millis(patience.0)).await;
}

/// The second signal. What was acknowledged is on disk.
fn at_once(code: i32) -> ! {
    tracing::warn!("ended at once");
    std::process::exit(code)
}

/// What an operator, or the system, stops a server with.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Trouble> {
        let of = |kind| {
            signal(kind).map_err(|error| Trouble::failed("signals cannot be received", error))
        };
        Ok(Self {
            terminate: of(SignalKind::terminate())?,
            interrupt: of(SignalKind::interrupt())?,
        })
    }

    /// The next one, as the exit code of a process that it ends (128 and its number).
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 143,
            _ = self.interrupt.recv() => 130,
        }
    }
}
