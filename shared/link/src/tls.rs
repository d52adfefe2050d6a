//! rustls' settings: TLS 1.3, raw public keys both ways, nothing early, nothing resumed.
//!
//! A resumed session runs no verifier, so that a ban could be slept through; a full handshake costs
//! a client that comes back once an hour nothing.

use std::sync::Arc;

use gleaner_shared::id::HostId;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::version::TLS13;

use crate::ALPN;
use crate::identity::Identity;
use crate::verify::{AnyHost, Pinned};

/// How a server shakes hands.
pub(crate) fn server_config(identity: &Identity) -> Arc<QuicServerConfig> {
    let resolver = AlwaysResolvesServerRawPublicKeys::new(identity.certified_key());
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has suites of TLS 1.3")
        .with_client_cert_verifier(Arc::new(AnyHost::new()))
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.into()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Arc::new(config.try_into().expect("TLS 1.3 has the suite that QUIC begins with"))
}

/// How a client shakes hands with one server; the verifier tells afterwards whom it met.
pub(crate) fn client_config(
    identity: &Identity,
    server: HostId,
) -> (Arc<QuicClientConfig>, Arc<Pinned>) {
    let resolver = AlwaysResolvesClientRawPublicKeys::new(identity.certified_key());
    let pinned = Arc::new(Pinned::new(server));
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has suites of TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(pinned.clone())
        .with_client_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.into()];
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    let config = Arc::new(config.try_into().expect("TLS 1.3 has the suite that QUIC begins with"));
    (config, pinned)
}
