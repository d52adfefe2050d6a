//! A server and a client on this machine, and peers that break the rules, for the tests beside it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gleaner_link::{ConnectError, Connection, Dialer, HandshakeError, Identity, Server};
use gleaner_shared::measure::Millis;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Endpoint};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// Long enough for a busy machine, short enough to notice a hang.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("this takes no 20 s")
}

/// A patience for servers that answer.
pub(crate) const PATIENCE: Millis = Millis::from_seconds(20);

/// Where tests listen.
pub(crate) fn here() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// A server, its identity, and its address.
pub(crate) fn server() -> (Server, Identity, String) {
    let identity = Identity::generate();
    let server = Server::bind(&identity, here()).unwrap();
    let address = server.local_addr().to_string();
    (server, identity, address)
}

/// The next connection, shaken hands with.
pub(crate) async fn accept(server: &Server) -> Result<Connection, HandshakeError> {
    soon(server.accept()).await.expect("the server is open").establish().await
}

/// A server and a client that are connected, as (server's, client's), with what must stay alive.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) _dialer: Dialer,
    pub(crate) server_id: Identity,
    pub(crate) client_id: Identity,
    pub(crate) ours: Connection,
    pub(crate) theirs: Connection,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        let (server, server_id, address) = server();
        let client_id = Identity::generate();
        let dialer = Dialer::new(&client_id).unwrap();
        let dialing = dialer.connect_within(server_id.id(), &address, PATIENCE);
        let (ours, theirs) = tokio::join!(accept(&server), dialing);
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        Self { server, _dialer: dialer, server_id, client_id, ours, theirs }
    }
}

/// Dials while the server takes whoever comes.
pub(crate) async fn dial(server: &Server, dialer: &Dialer, to: &Identity) -> Dialed {
    let address = server.local_addr().to_string();
    let (ours, theirs) =
        tokio::join!(accept(server), dialer.connect_within(to.id(), &address, PATIENCE));
    Dialed { ours, theirs }
}

/// What both sides got.
pub(crate) struct Dialed {
    pub(crate) ours: Result<Connection, HandshakeError>,
    pub(crate) theirs: Result<Connection, ConnectError>,
}

/// A client that believes any server, with the given key (if any) and protocol.
pub(crate) fn rogue_client(key: Option<Arc<CertifiedKey>>, alpn: &[u8]) -> Endpoint {
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Gullible));
    let mut config = match key {
        None => config.with_no_client_auth(),
        Some(key) => config.with_client_cert_resolver(Arc::new(
            rustls::client::AlwaysResolvesClientRawPublicKeys::new(key),
        )),
    };
    config.alpn_protocols = vec![alpn.into()];
    let mut endpoint = Endpoint::client(here()).unwrap();
    let config = QuicClientConfig::try_from(config).unwrap();
    endpoint.set_default_client_config(ClientConfig::new(Arc::new(config)));
    endpoint
}

/// A server with the given key and protocol that wants no key of its clients.
pub(crate) fn rogue_server(key: Arc<CertifiedKey>, alpn: &[u8]) -> Endpoint {
    let resolver = rustls::server::AlwaysResolvesServerRawPublicKeys::new(key);
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![alpn.into()];
    let config = QuicServerConfig::try_from(config).unwrap();
    Endpoint::server(quinn::ServerConfig::with_crypto(Arc::new(config)), here()).unwrap()
}

/// A key in PKCS#8 as TLS uses it, of any kind.
pub(crate) fn tls_key(pkcs8: &[u8]) -> Arc<CertifiedKey> {
    let pkcs8 = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8.to_vec());
    let key = default_provider().key_provider.load_private_key(pkcs8.into()).unwrap();
    let spki = CertificateDer::from(key.public_key().unwrap().to_vec());
    Arc::new(CertifiedKey::new(vec![spki], key))
}

#[derive(Debug)]
struct Gullible;

impl ServerCertVerifier for Gullible {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
