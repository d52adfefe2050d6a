//! The link over a network that is not there, in virtual time (feature `sim`, never in a product).
//!
//! QUIC, TLS, keys and limits are the real ones; only sockets and chance are given. Under tokio's
//! paused clock, on a runtime of one thread, a seed then decides all that happens but the bytes of
//! keys and ciphers, whose lengths are always the same.

mod chance;
mod socket;

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::identity::Identity;

pub(crate) use chance::seeded_bytes;
pub use chance::{Chance, seed};
pub(crate) use socket::runtime;
pub use socket::{Network, Socket};

impl Identity {
    /// The key of a seed, the same each time. Anybody can make it: for simulations only.
    ///
    /// # Panics
    /// Never: any 32 bytes are the seed of a key.
    pub fn seeded(seed: [u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("any seed is one of a key");
        let pkcs8 = pair.to_pkcs8().expect("a key that was just made has an encoding");
        Self::from_pkcs8(pkcs8.as_ref()).expect("a key that was just made can be read")
    }
}
