//! The listening side: one UDP socket, admission, handshakes.
//!
//! Handshakes run in the caller's tasks, so that none waits for another; nothing is spawned here.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use gleaner_shared::limits::CLOSE_PATIENCE;
use quinn::{Endpoint, TokioRuntime};
use tokio::time::timeout;

use crate::connection::Connection;
use crate::ended::{Close, Ended, cut};
use crate::gate::{Address, Bounds, Decision, Gate, Ticket};
use crate::identity::Identity;
use crate::transport::{self, span};

/// Why a server cannot listen, or a client has no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process has the port.
    #[error(
        "UDP port {0} is taken: another server, perhaps this one, runs already; stop it or listen \
         on another port"
    )]
    Taken(SocketAddr),
    /// The system does not let this user listen there.
    #[error("this user may not listen on UDP {0}; ports below 1024 want a privileged user")]
    Denied(SocketAddr),
    /// The address is not one of this machine's.
    #[error("{0} is not an address of this machine; listen on 0.0.0.0 or [::] for all of its own")]
    Elsewhere(SocketAddr),
    /// Anything else.
    #[error("cannot open UDP {address}: {source}")]
    Io {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

impl BindError {
    pub(crate) fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::AddrInUse => Self::Taken(address),
            ErrorKind::PermissionDenied => Self::Denied(address),
            ErrorKind::AddrNotAvailable => Self::Elsewhere(address),
            _ => Self::Io { address, source },
        }
    }
}

/// Listens for connections. Must live inside a tokio runtime.
#[derive(Debug)]
pub struct Server {
    endpoint: Endpoint,
    address: SocketAddr,
    gate: Gate,
}

impl Server {
    /// Listens on a UDP address; port 0 lets the system choose one.
    ///
    /// # Errors
    /// The system's, told apart by what to do about them.
    pub fn bind(identity: &Identity, listen: SocketAddr) -> Result<Self, BindError> {
        Self::bind_within(identity, listen, Bounds::default())
    }

    /// Like [`Server::bind`] with bounds of its own, for tests.
    pub(crate) fn bind_within(
        identity: &Identity,
        listen: SocketAddr,
        bounds: Bounds,
    ) -> Result<Self, BindError> {
        let failed = |error| BindError::new(listen, error);
        let socket = UdpSocket::bind(listen).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let config = transport::server_endpoint(identity);
        let server = Some(transport::server_config(identity));
        let endpoint = Endpoint::new(config, server, socket, Arc::new(TokioRuntime));
        Ok(Self { endpoint: endpoint.map_err(failed)?, address, gate: Gate::new(bounds) })
    }

    /// Listens on a socket of a played network.
    ///
    /// # Errors
    /// None that a played socket has.
    #[cfg(feature = "sim")]
    pub fn over(identity: &Identity, socket: Arc<crate::sim::Socket>) -> io::Result<Self> {
        use quinn::AsyncUdpSocket as _;
        let address = socket.local_addr()?;
        let mut config = transport::server_endpoint(identity);
        config.rng_seed(Some(crate::random::random_bytes()));
        let server = Some(transport::server_config(identity));
        let runtime = crate::sim::runtime();
        let endpoint = Endpoint::new_with_abstract_socket(config, server, socket, runtime)?;
        Ok(Self { endpoint, address, gate: Gate::new(Bounds::default()) })
    }

    /// Where it listens, with the port that the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The next attempt to connect that there is room for; `None` once the server is closed.
    /// Cancel-safe. Call it again at once and finish the handshake in a task.
    pub async fn accept(&self) -> Option<Incoming> {
        loop {
            let attempt = self.endpoint.accept().await?;
            let ip = attempt.remote_address().ip();
            let from = match attempt.remote_address_validated() {
                true => Address::Proven(ip),
                false => Address::Unproven(ip),
            };
            match self.gate.decide(from) {
                Decision::Admit(ticket) => return Some(Incoming { attempt, ticket }),
                Decision::Prove => {
                    if let Err(error) = attempt.retry() {
                        // Cannot be: quinn lets every unproven address retry.
                        error.into_incoming().refuse();
                    }
                }
                Decision::Refuse => {
                    tracing::debug!(%ip, "no room for a connection");
                    attempt.refuse();
                }
            }
        }
    }

    /// Closes all connections and takes no more; returns when the peers know it, after
    /// [`CLOSE_PATIENCE`] at most.
    pub async fn close(&self, close: Close, reason: &str) {
        close_endpoint(&self.endpoint, close, reason).await;
    }
}

pub(crate) async fn close_endpoint(endpoint: &Endpoint, close: Close, reason: &str) {
    endpoint.close(close.code(), cut(reason).as_bytes());
    // Who is not reached learns it from a reset or by silence.
    let _ = timeout(span(CLOSE_PATIENCE), endpoint.wait_idle()).await;
}

/// Why an attempt to connect did not become a connection.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// Not within [`gleaner_shared::limits::HANDSHAKE_PATIENCE`].
    #[error("the handshake took too long")]
    Stalled,
    /// Its address has [`gleaner_shared::limits::CONNECTIONS_PER_ADDRESS_MAX`] connections already.
    #[error("there are too many connections from its address")]
    Crowded,
    /// The handshake failed: another version, no key or a wrong one, or the peer went away.
    #[error("{0}")]
    Failed(Ended),
}

/// An attempt to connect. Dropping it refuses.
#[derive(Debug)]
pub struct Incoming {
    attempt: quinn::Incoming,
    ticket: Ticket,
}

impl Incoming {
    /// Where it comes from; not proven yet.
    pub fn remote(&self) -> SocketAddr {
        self.attempt.remote_address()
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// See [`HandshakeError`]. They are a stranger's doing: count them, do not fill a log with them.
    pub async fn establish(self) -> Result<Connection, HandshakeError> {
        let failed = |error: quinn::ConnectionError| HandshakeError::Failed(error.into());
        let handshake = self.attempt.accept().map_err(failed)?;
        let quic = timeout(span(self.ticket.patience()), handshake).await;
        let quic = quic.map_err(|_| HandshakeError::Stalled)?.map_err(failed)?;
        let Some(ticket) = self.ticket.prove() else {
            let reason = "there are too many connections from this address";
            quic.close(Close::Busy.code(), reason.as_bytes());
            return Err(HandshakeError::Crowded);
        };
        Connection::new(quic, Some(ticket))
            .ok_or_else(|| HandshakeError::Failed(Ended::Broken("no key was shown".into())))
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
