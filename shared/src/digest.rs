//! BLAKE3 of bytes. The only file that names the hash.

use alloc::string::String;
use core::str::FromStr;

use crate::id::{Digest, HostId};

/// A digest that is fed piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Of no bytes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Feeds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes fed so far.
    pub fn digest(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// The digest of some bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Digest(*blake3::hash(bytes).as_bytes())
}

/// The host that a public key (SPKI, DER) makes.
pub fn host_id(spki: &[u8]) -> HostId {
    HostId(*blake3::hash(spki).as_bytes())
}

/// A key for one purpose, made from a secret: BLAKE3's key derivation (BLAKE3 paper, 6.2).
///
/// `context` names the purpose, once in the whole program; other contexts give unrelated keys.
pub fn derive(context: &str, secret: &[u8]) -> [u8; 32] {
    blake3::derive_key(context, secret)
}

/// Text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not 64 lower-case hexadecimal digits")]
pub struct NotHex(String);

fn from_hex(text: &str) -> Result<[u8; 32], NotHex> {
    data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| NotHex(text.chars().take(80).collect()))
}

impl FromStr for Digest {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        from_hex(text).map(Self)
    }
}

impl FromStr for HostId {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        from_hex(text).map(Self)
    }
}
