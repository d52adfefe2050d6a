//! The connecting side: names to addresses, all of them tried, one UDP socket for all connections.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use gleaner_shared::id::HostId;
use gleaner_shared::limits::{ADDRESS_BYTES_MAX, ADDRESSES_MAX, CONNECT_PATIENCE, CONNECT_STAGGER};
use gleaner_shared::measure::Millis;
use quinn::Endpoint;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::connect_error::ConnectError;
use crate::connection::Connection;
use crate::ended::{Close, Ended};
use crate::identity::Identity;
use crate::server::{BindError, close_endpoint};
use crate::transport::{self, span};

/// The name in TLS's eyes. It is not sent and proves nothing; the key does.
const SERVER_NAME: &str = "gleaner";

/// Connects once. Who connects again and again keeps a [`Dialer`].
///
/// # Errors
/// As [`Dialer::connect`].
pub async fn connect(
    identity: &Identity,
    server: HostId,
    address: &str,
) -> Result<Connection, ConnectError> {
    Dialer::new(identity)?.connect(server, address).await
}

/// Makes connections from one UDP socket. Cheap to clone; must live inside a tokio runtime.
#[derive(Clone, Debug)]
pub struct Dialer {
    endpoint: Endpoint,
    identity: Identity,
}

impl Dialer {
    /// A socket for both IPv6 and IPv4 if the machine has IPv6, else for IPv4.
    ///
    /// # Errors
    /// The system's.
    pub fn new(identity: &Identity) -> Result<Self, BindError> {
        let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let endpoint = Endpoint::client((Ipv6Addr::UNSPECIFIED, 0).into())
            .or_else(|_| Endpoint::client(v4))
            .map_err(|error| BindError::new(v4, error))?;
        Ok(Self { endpoint, identity: identity.clone() })
    }

    /// Dials from a socket of a played network.
    ///
    /// # Errors
    /// None that a played socket has.
    #[cfg(feature = "sim")]
    pub fn over(
        identity: &Identity,
        socket: std::sync::Arc<crate::sim::Socket>,
    ) -> io::Result<Self> {
        let mut config = quinn::EndpointConfig::default();
        config.rng_seed(Some(crate::random::random_bytes()));
        let runtime = crate::sim::runtime();
        let endpoint = Endpoint::new_with_abstract_socket(config, None, socket, runtime)?;
        Ok(Self { endpoint, identity: identity.clone() })
    }

    /// Connects to the server with the key `server` at `address` (`host:port`), within
    /// [`CONNECT_PATIENCE`]. Nothing of this side, not even its key, is sent before the server has
    /// proven its own.
    ///
    /// # Errors
    /// See [`ConnectError`]. A server that refuses this side's key says so only afterwards: the
    /// connection then ends at once.
    pub async fn connect(&self, server: HostId, address: &str) -> Result<Connection, ConnectError> {
        self.connect_within(server, address, CONNECT_PATIENCE).await
    }

    /// Like [`Dialer::connect`], with a patience of its own.
    ///
    /// # Errors
    /// As there.
    pub async fn connect_within(
        &self,
        server: HostId,
        address: &str,
        patience: Millis,
    ) -> Result<Connection, ConnectError> {
        let until = Instant::now() + span(patience);
        let Ok(places) = timeout_at(until, resolve(address)).await else {
            let why = "the name service does not answer".into();
            return Err(ConnectError::Unresolved { address: address.into(), why });
        };
        let tries = JoinSet::new();
        let race = Race { dialer: self, server, address, patience, places: places?, tries };
        race.run(until).await
    }

    /// Closes all connections and waits until the peers know it, for
    /// [`gleaner_shared::limits::CLOSE_PATIENCE`] at most.
    pub async fn close(&self, close: Close, reason: &str) {
        close_endpoint(&self.endpoint, close, reason).await;
    }

    /// One try at one address.
    async fn try_at(
        self,
        server: HostId,
        place: SocketAddr,
        address: String,
    ) -> Result<Connection, ConnectError> {
        let (config, pinned) = transport::client_config(&self.identity, server);
        let refused = |why| ConnectError::Refused { address: address.clone(), why };
        let handshake = self
            .endpoint
            .connect_with(config, place, SERVER_NAME)
            .map_err(|error| not_tried(error, &address))?;
        match handshake.await {
            Ok(quic) => Connection::new(quic, None)
                .ok_or_else(|| refused(Ended::Broken("the server showed no key".into()))),
            Err(error) => Err(match (pinned.other_key(), Ended::from(error)) {
                (Some(found), _) => ConnectError::WrongKey { address, wanted: server, found },
                (None, Ended::Version) => ConnectError::Version { address },
                (None, why) => refused(why),
            }),
        }
    }
}

/// Of two errors at two addresses, the one that tells a user more.
fn more_telling(before: Option<ConnectError>, error: ConnectError) -> ConnectError {
    match before {
        Some(before) if before.weight() >= error.weight() => before,
        _ => error,
    }
}

/// Why no packet was sent to an address: this machine has no IPv6, or the socket is gone.
fn not_tried(error: quinn::ConnectError, address: &str) -> ConnectError {
    match error {
        quinn::ConnectError::EndpointStopping => {
            let source = io::Error::other("the socket is closed");
            let address = (Ipv4Addr::UNSPECIFIED, 0).into();
            BindError::Io { address, source }.into()
        }
        error => ConnectError::Unresolved { address: address.into(), why: error.to_string() },
    }
}

/// Tries one address after the other, each beside those that have not failed yet (RFC 8305).
struct Race<'a> {
    dialer: &'a Dialer,
    server: HostId,
    address: &'a str,
    patience: Millis,
    /// Those not tried yet.
    places: VecDeque<SocketAddr>,
    /// Aborted when the race is dropped: the losers close their connections.
    tries: JoinSet<Result<Connection, ConnectError>>,
}

impl Race<'_> {
    /// The first connection, or what tells most of the failures.
    async fn run(mut self, until: Instant) -> Result<Connection, ConnectError> {
        let silence =
            ConnectError::NoAnswer { address: self.address.into(), patience: self.patience };
        let mut told = None;
        loop {
            match timeout_at(until, self.next()).await {
                Ok(Some(Ok(connection))) => return Ok(connection),
                Ok(Some(Err(error))) => told = Some(more_telling(told, error)),
                Ok(None) => return Err(told.unwrap_or(silence)),
                Err(_) => return Err(more_telling(told, silence)),
            }
        }
    }

    /// The next try that is done, well or not; `None` when all are.
    async fn next(&mut self) -> Option<Result<Connection, ConnectError>> {
        loop {
            let Some(place) = self.places.pop_front() else { return self.joined().await };
            let dialer = self.dialer.clone();
            self.tries.spawn(dialer.try_at(self.server, place, self.address.into()));
            let alone_until = Instant::now() + span(CONNECT_STAGGER);
            if let Ok(done) = timeout_at(alone_until, self.joined()).await {
                return done;
            }
        }
    }

    async fn joined(&mut self) -> Option<Result<Connection, ConnectError>> {
        let done = self.tries.join_next().await?;
        Some(done.expect("a try neither panics nor is aborted while the race runs"))
    }
}

/// The addresses of `host:port`, at most [`ADDRESSES_MAX`].
async fn resolve(address: &str) -> Result<VecDeque<SocketAddr>, ConnectError> {
    let has_port = address.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    if !has_port || address.len() > ADDRESS_BYTES_MAX {
        return Err(ConnectError::Malformed(address.chars().take(ADDRESS_BYTES_MAX).collect()));
    }
    let unresolved = |error: io::Error| ConnectError::Unresolved {
        address: address.into(),
        why: error.to_string(),
    };
    let places = lookup_host(address).await.map_err(unresolved)?;
    let places: VecDeque<_> = places.take(ADDRESSES_MAX).collect();
    if places.is_empty() {
        return Err(unresolved(io::Error::other("the name has no address")));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::server::Server;

    /// Dials two places: a socket that never answers, then a server with that identity; the server
    /// that is wanted may be another one.
    async fn race(wanted: &Identity, there: &Identity) -> Result<Connection, ConnectError> {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let silent = UdpSocket::bind(here).unwrap();
        let server = Server::bind(there, here).unwrap();
        let dialer = Dialer::new(&Identity::generate()).unwrap();
        let places = [silent.local_addr().unwrap(), server.local_addr()].into();
        let race = Race {
            dialer: &dialer,
            server: wanted.id(),
            address: "two.example:1",
            patience: Millis(1_500),
            places,
            tries: JoinSet::new(),
        };
        let shaking = async { server.accept().await.unwrap().establish().await };
        let until = Instant::now() + span(race.patience);
        let (_ours, theirs) = tokio::join!(shaking, race.run(until));
        theirs
    }

    #[tokio::test]
    async fn a_silent_address_does_not_keep_from_the_next_one() {
        let identity = Identity::generate();
        assert_eq!(race(&identity, &identity).await.unwrap().peer(), identity.id());
    }

    #[tokio::test]
    async fn a_wrong_key_tells_more_than_silence() {
        let error = race(&Identity::generate(), &Identity::generate()).await.unwrap_err();
        assert!(matches!(error, ConnectError::WrongKey { .. }), "{error}");
    }
}
