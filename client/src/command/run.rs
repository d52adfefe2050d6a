//! `run`: computes until it is stopped.

use std::num::NonZero;
use std::time::Duration;

use clap::{Args, value_parser};
use gleaner_link::{Dialer, Identity};
use gleaner_shared::limits::{CLIENT_QUEUE, THREADS_MAX};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;

use super::runtime;
use crate::answer::Door;
use crate::compute::crew::Program;
use crate::compute::memory;
use crate::compute::perform::Workshop;
use crate::compute::threads::Threads;
use crate::disk::folder::Folder;
use crate::disk::lock::Lock;
use crate::disk::membership::Membership;
use crate::host::event::Event;
use crate::host::{Host, Options};
use crate::output::Style;
use crate::status::{Report, SCHEMA};
use crate::talk::dial::Target;
use crate::trouble::{Exit, Trouble};

/// The exit code of a process that a second Ctrl-C ends (128 and the signal's number).
const INTERRUPTED: i32 = 130;

/// The exit code of a process that panics, as Rust has it.
const PANICKED: i32 = 101;

/// Compute until stopped
#[derive(Args, Debug)]
#[command(after_help = "\
SIGTERM or Ctrl-C ends it within 5 seconds: what is done stays, what is not is
handed back. It may be killed at any time, and loses at most the units in hand.

Examples:
  gleaner-client run
  gleaner-client run --threads 4 --memory 2GiB --exit-when-idle 10m")]
pub(crate) struct Run {
    /// Threads that compute [default: one for each core]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=THREADS_MAX as u64))]
    threads: Option<u64>,
    /// End when there was no work for so long (10m, 1h)
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    exit_when_idle: Option<Duration>,
    /// Memory that computing may take [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = memory::parse)]
    memory: Option<u64>,
}

impl Run {
    pub(crate) fn run(self, folder: &Folder, style: Style) -> Result<(), Trouble> {
        end_on_panic();
        let membership = super::membership(folder)?;
        let of_folder = |error| Trouble::of_folder(folder.root(), &error);
        folder.make().map_err(of_folder)?;
        let Some(_lock) = Lock::take(folder).map_err(of_folder)? else {
            let what = format!("a client runs on {} already", folder.root().display());
            let why = "two processes on one folder would do the same work twice";
            let act = "gleaner-client status; or name another folder with --data";
            return Err(Trouble::new(Exit::Conflict, &what, why, act));
        };
        let identity = Identity::load(&folder.identity());
        let identity = identity.map_err(|error| Trouble::of_identity(&error))?;
        let options = Options { threads: self.threads(), exit_when_idle: self.exit_when_idle };
        let memory = self.memory.unwrap_or_else(memory::default_bytes);
        let workshop = Workshop::new(folder, Program::own(folder, memory::of_a_crew(memory)));
        let runtime = runtime()?;
        let ended = runtime.block_on(work(options, (folder, membership), workshop, &identity));
        // A name service that does not answer must not hold the process up.
        runtime.shutdown_background();
        let report = ended?;
        match style {
            // The log has said all of it.
            Style::Text => Ok(()),
            Style::Json => style.show(SCHEMA, &report, String::new),
        }
    }

    fn threads(&self) -> NonZero<usize> {
        let asked = self.threads.and_then(|threads| NonZero::new(usize::try_from(threads).ok()?));
        let cores = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let most = NonZero::new(THREADS_MAX).expect("the limit is not 0");
        asked.unwrap_or_else(cores).min(most)
    }
}

async fn work(
    options: Options,
    (folder, membership): (&Folder, Membership),
    workshop: Workshop,
    identity: &Identity,
) -> Result<Report, Trouble> {
    let failed = |what: &str, error: &dyn std::error::Error| {
        let act = "raise the limits of open files and processes (ulimit -n, ulimit -u)";
        Trouble::new(Exit::Failed, what, &error.to_string(), act)
    };
    let dialer = Dialer::new(identity).map_err(|error| Trouble::of_connecting(&error.into()))?;
    let server = membership.server().map_err(|error| failed("the server has no key", &error))?;
    let target = Target { dialer, server, address: membership.address.clone() };
    tracing::info!(
        "gleaner-client {} computes with {} threads for {} in {}",
        env!("CARGO_PKG_VERSION"),
        options.threads,
        membership.address,
        folder.root().display()
    );
    let (events, queue) = mpsc::channel(CLIENT_QUEUE);
    // Its tasks end with it.
    let mut beside = JoinSet::new();
    match Door::open(folder) {
        Ok(door) => drop(beside.spawn(door.answer(events.clone()))),
        Err(error) => tracing::warn!("status cannot be asked for: {error}"),
    }
    let (term, int) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let signals = term.and_then(|term| Ok((term, int?)));
    let signals = signals.map_err(|error| failed("signals cannot be heard", &error))?;
    beside.spawn(stop_at(signals, events.clone()));
    let host = Threads::start(options.threads, workshop, &events)
        .and_then(|threads| Host::begin(options, (folder, membership), (target, threads), events))
        .map_err(|error| Trouble::of_folder(folder.root(), &error))?;
    host.run(queue).await
}

/// The first signal stops, the second ends at once.
async fn stop_at(
    signals: (tokio::signal::unix::Signal, tokio::signal::unix::Signal),
    events: Sender<Event>,
) {
    let (mut term, mut int) = signals;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    // A host that takes no more events has ended.
    let _ended = events.send(Event::Stop).await;
    int.recv().await;
    tracing::warn!("ended at once");
    std::process::exit(INTERRUPTED);
}

/// A panic in any thread or task ends the process: no part of it goes on without another. The next
/// start takes up what is on the disk. Apps run in the crew, where they may panic.
fn end_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        std::process::exit(PANICKED);
    }));
}
