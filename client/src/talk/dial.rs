//! Reaching the server again and again. Tries begin at most `BACKOFF_RANGE` apart, so that work goes
//! on within two seconds of the server's return.

use gleaner_link::{ConnectError, Connection, Dialer, random_bytes};
use gleaner_shared::id::HostId;
use gleaner_shared::limits::{CONNECT_PATIENCE, RECONNECT_TRY_PATIENCE};
use gleaner_shared::measure::Millis;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use crate::host::event::Event;

/// Where to, and with which key.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// This machine's socket and key.
    pub(crate) dialer: Dialer,
    /// The server's key.
    pub(crate) server: HostId,
    /// `host:port`.
    pub(crate) address: String,
}

/// Tries until there is a connection. A `backoff` with failures in it waits first. On a slow line no
/// quick try gets through, so once one has failed, one that has more time runs beside them.
pub(crate) async fn dial(target: Target, mut backoff: Backoff, events: Sender<Event>) {
    let mut next = Instant::now();
    if backoff.has_failed() {
        next += backoff.next(chance());
    }
    let mut patient = JoinSet::new();
    loop {
        let tried = tokio::select! {
            biased;
            Some(Ok(Ok(connection))) = patient.join_next() => Ok(connection),
            tried = quick(&target, &mut next, &mut backoff) => tried,
        };
        if patient.is_empty() {
            let target = target.clone();
            patient.spawn(async move { target.reach(CONNECT_PATIENCE).await });
        }
        let (event, done) = match tried {
            Ok(connection) => (Event::Connected(connection), true),
            Err(error) => (Event::NotConnected(error), false),
        };
        // A host that takes no more events has ended, and needs no connection.
        if events.send(event).await.is_err() || done {
            return;
        }
    }
}

/// One try, when it is time; the pause to the next runs beside it.
async fn quick(
    target: &Target,
    next: &mut Instant,
    backoff: &mut Backoff,
) -> Result<Connection, ConnectError> {
    sleep_until(*next).await;
    let wait = backoff.next(chance());
    *next = Instant::now() + wait;
    let waited = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    target.reach(Millis(RECONNECT_TRY_PATIENCE.0.max(waited))).await
}

impl Target {
    async fn reach(&self, patience: Millis) -> Result<Connection, ConnectError> {
        self.dialer.connect_within(self.server, &self.address, patience).await
    }
}

fn chance() -> u16 {
    u16::from_le_bytes(random_bytes())
}
