//! Who may be at the other end, as rustls asks it. A client wants one key; a server takes any
//! Ed25519 key and leaves it to its caller what that key may do.
//!
//! No signature is ever declared valid here: all are checked by rustls' own function.

use std::sync::OnceLock;

use gleaner_shared::digest::host_id;
use gleaner_shared::id::HostId;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible,
    SignatureScheme,
};

/// What an Ed25519 key in SPKI form begins with (RFC 8410, section 4); 32 bytes of key follow.
/// Only this encoding is taken, so that one key has one id.
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0];

/// The id of a peer by the "certificate" that it sent.
pub(crate) fn peer_id(
    key: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
) -> Result<HostId, Error> {
    let is_ed25519 = key.len() == SPKI_HEAD.len() + 32 && key.starts_with(&SPKI_HEAD);
    if !is_ed25519 || !intermediates.is_empty() {
        return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
    }
    Ok(host_id(key))
}

fn check_signature(
    message: &[u8],
    key: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if signature.scheme != SignatureScheme::ED25519 {
        return Err(PeerIncompatible::NoSignatureSchemesInCommon.into());
    }
    let spki = SubjectPublicKeyInfoDer::from(key.as_ref());
    verify_tls13_signature_with_raw_key(message, &spki, signature, algorithms)
}

fn no_tls12() -> Result<HandshakeSignatureValid, Error> {
    Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
}

/// A client's: the server must have the pinned key. One for each try to connect.
#[derive(Debug)]
pub(crate) struct Pinned {
    wanted: HostId,
    found: OnceLock<HostId>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    pub(crate) fn new(wanted: HostId) -> Self {
        let algorithms = default_provider().signature_verification_algorithms;
        Self { wanted, found: OnceLock::new(), algorithms }
    }

    /// The key that was found instead of the pinned one, if one was.
    pub(crate) fn other_key(&self) -> Option<HostId> {
        self.found.get().copied().filter(|found| *found != self.wanted)
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = peer_id(key, intermediates)?;
        if *self.found.get_or_init(|| found) != self.wanted || found != self.wanted {
            let error = CertificateError::ApplicationVerificationFailure;
            return Err(Error::InvalidCertificate(error));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// A server's: any client with an Ed25519 key, and none without a key.
#[derive(Debug)]
pub(crate) struct AnyHost {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyHost {
    pub(crate) fn new() -> Self {
        Self { algorithms: default_provider().signature_verification_algorithms }
    }
}

impl ClientCertVerifier for AnyHost {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        peer_id(key, intermediates)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;

    fn check(key: &[u8], intermediates: &[CertificateDer<'_>]) -> Option<HostId> {
        peer_id(&CertificateDer::from(key), intermediates).ok()
    }

    #[test]
    fn only_the_one_encoding_of_an_ed25519_key_is_a_peer() {
        let identity = Identity::generate();
        let key = identity.certified_key().cert[0].to_vec();
        assert_eq!(check(&key, &[]), Some(identity.id()));
        assert_eq!(check(&key, &[CertificateDer::from(key.clone())]), None);
        assert_eq!(check(&[&key[..], &[0]].concat(), &[]), None);
        assert_eq!(check(&key[..43], &[]), None);
        assert_eq!(check(b"", &[]), None);
        for at in 0..SPKI_HEAD.len() {
            let mut other = key.clone();
            other[at] ^= 1;
            assert_eq!(check(&other, &[]), None, "byte {at}");
        }
    }
}
