//! quinn's settings: what a connection may cost. All numbers are in `limits`.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::{hkdf, hmac};
use gleaner_shared::id::HostId;
use gleaner_shared::limits::{
    CONNECTION_ID_BYTES, HANDSHAKE_PATIENCE, IDLE_PATIENCE, INCOMING_BYTES_MAX, INCOMING_MAX,
    KEEP_ALIVE, PEER_WINDOW_BYTES, RESET_INTERVAL, SEND_WINDOW_BYTES, STRANGER_WINDOW_BYTES,
    STREAM_WINDOW_BYTES, STREAMS_MAX,
};
use gleaner_shared::measure::Millis;
use quinn::{
    ClientConfig, ConnectionId, ConnectionIdGenerator, EndpointConfig, IdleTimeout, NoneTokenLog,
    NoneTokenStore, ServerConfig, TransportConfig, ValidationTokenConfig, VarInt,
};

use crate::identity::Identity;
use crate::random::random_bytes;
use crate::tls;
use crate::verify::Pinned;

/// A span as the standard library has it.
pub(crate) const fn span(millis: Millis) -> Duration {
    Duration::from_millis(millis.0)
}

/// What both sides have in common. A peer may open bidirectional streams only; no datagrams.
fn transport() -> TransportConfig {
    let idle = VarInt::from_u32(IDLE_PATIENCE.0 as u32);
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS_MAX.into())
        .max_concurrent_uni_streams(0u32.into())
        .max_idle_timeout(Some(IdleTimeout::from(idle)))
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .send_window(SEND_WINDOW_BYTES)
        .datagram_receive_buffer_size(None)
        .datagram_send_buffer_size(0);
    transport
}

/// How a server talks QUIC.
pub(crate) fn server_config(identity: &Identity) -> ServerConfig {
    let mut transport = transport();
    transport.receive_window(STRANGER_WINDOW_BYTES.into());
    let secret = identity.derive("gleaner 2026 link retry token key");
    let token_key = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&secret);
    // Tokens for later connections would save a round trip, under load only, for a log of them.
    let mut tokens = ValidationTokenConfig::default();
    tokens.sent(0).log(Arc::new(NoneTokenLog));
    let mut config = ServerConfig::new(tls::server_config(identity), Arc::new(token_key));
    config
        .transport_config(Arc::new(transport))
        .validation_token_config(tokens)
        .retry_token_lifetime(span(HANDSHAKE_PATIENCE))
        .max_incoming(INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BYTES_MAX.0)
        .incoming_buffer_size_total(INCOMING_BYTES_MAX.1);
    config
}

/// How a client talks QUIC to one server.
pub(crate) fn client_config(identity: &Identity, server: HostId) -> (ClientConfig, Arc<Pinned>) {
    let (tls, pinned) = tls::client_config(identity, server);
    let mut transport = transport();
    transport.receive_window(PEER_WINDOW_BYTES.into()).keep_alive_interval(Some(span(KEEP_ALIVE)));
    let mut config = ClientConfig::new(tls);
    config.transport_config(Arc::new(transport)).token_store(Arc::new(NoneTokenStore));
    (config, pinned)
}

/// A server's endpoint. A server that starts again with the same identity has the same reset key,
/// so it can tell the peers of the connections before it that these are gone.
pub(crate) fn server_endpoint(identity: &Identity) -> EndpointConfig {
    let secret = identity.derive("gleaner 2026 link stateless reset key");
    let reset_key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let mut config = EndpointConfig::new(Arc::new(reset_key));
    config.cid_generator(|| Box::new(RandomIds)).min_reset_interval(RESET_INTERVAL);
    config
}

/// Connection ids that nobody can guess. quinn's own choice marks them with a key that changes with
/// each start, and then answers no packet for a connection of an earlier start.
struct RandomIds;

impl ConnectionIdGenerator for RandomIds {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&random_bytes::<CONNECTION_ID_BYTES>())
    }

    fn cid_len(&self) -> usize {
        CONNECTION_ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
