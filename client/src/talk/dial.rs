//! Reaching the server again and again. Tries begin at most `BACKOFF_RANGE` apart, so that work goes
//! on within two seconds of the server's return.

use gleaner_link::{Dialer, random_bytes};
use gleaner_shared::id::HostId;
use gleaner_shared::limits::RECONNECT_TRY_PATIENCE;
use gleaner_shared::measure::Millis;
use tokio::sync::mpsc::Sender;
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

/// Tries until there is a connection. A `backoff` with failures in it waits first.
pub(crate) async fn dial(target: Target, mut backoff: Backoff, events: Sender<Event>) {
    let mut next = Instant::now();
    if backoff.has_failed() {
        next += backoff.next(chance());
    }
    loop {
        sleep_until(next).await;
        let wait = backoff.next(chance());
        next = Instant::now() + wait;
        let waited = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let patience = Millis(RECONNECT_TRY_PATIENCE.0.max(waited));
        let tried = target.dialer.connect_within(target.server, &target.address, patience).await;
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

fn chance() -> u16 {
    u16::from_le_bytes(random_bytes())
}
