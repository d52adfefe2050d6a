//! An Ed25519 key: who a machine is. How it lies on disk is in `key_file`.
//!
//! The secret never leaves this file but as PKCS#8 for the key file and as rustls' signing key.

use core::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;
use gleaner_shared::digest::{derive, host_id};
use gleaner_shared::id::HostId;
use rustls::crypto::aws_lc_rs::sign::any_eddsa_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

/// A machine's own key. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    pkcs8: Arc<[u8]>,
    key: Arc<CertifiedKey>,
    id: HostId,
}

impl Identity {
    /// A new key.
    ///
    /// # Panics
    /// If the system has no randomness.
    pub fn generate() -> Self {
        let pair = Ed25519KeyPair::generate()
            .expect("the system's randomness does not fail once it has started");
        let pkcs8 = pair.to_pkcs8().expect("a key that was just made has an encoding");
        Self::from_pkcs8(pkcs8.as_ref()).expect("a key that was just made can be read")
    }

    /// The id that others know this machine by: BLAKE3 of the public key.
    pub fn id(&self) -> HostId {
        self.id
    }

    /// The key in PKCS#8, or `None` if the bytes are no Ed25519 key.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let signing = any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8)).ok()?;
        let spki = signing.public_key()?.to_vec();
        let id = host_id(&spki);
        // With raw public keys (RFC 7250) the "certificate" is the key itself.
        let key = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], signing));
        Some(Self { pkcs8: pkcs8.into(), key, id })
    }

    /// The secret, for the key file.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// What TLS signs with.
    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }

    /// A key for one purpose that is the same each time this identity is loaded.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        derive(context, &self.pkcs8)
    }
}

impl fmt::Debug for Identity {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_differ_and_hide_their_secret() {
        let (one, other) = (Identity::generate(), Identity::generate());
        assert_ne!(one.id(), other.id());
        assert_eq!(format!("{one:?}"), format!("Identity {{ id: {:?}, .. }}", one.id()));
    }

    #[test]
    fn what_is_no_ed25519_key_is_refused() {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        assert!(Identity::from_pkcs8(p256.to_pkcs8v1().unwrap().as_ref()).is_none());
        assert!(Identity::from_pkcs8(b"").is_none());
        let good = Identity::generate();
        assert!(Identity::from_pkcs8(&good.pkcs8()[1..]).is_none());
    }

    #[test]
    fn derived_keys_depend_on_identity_and_purpose_only() {
        let one = Identity::generate();
        let again = Identity::from_pkcs8(one.pkcs8()).unwrap();
        assert_eq!(one.derive("a"), again.derive("a"));
        assert_ne!(one.derive("a"), one.derive("b"));
        assert_ne!(one.derive("a"), Identity::generate().derive("a"));
    }
}
