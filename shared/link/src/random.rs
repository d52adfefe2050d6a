//! Random bytes, and the token of an invite. All come from the provider that rustls has too.

use core::fmt;

/// Bytes that nobody can guess.
///
/// # Panics
/// If the system has no randomness: then no key and no connection can be made safely either.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    #[cfg(feature = "sim")]
    if let Some(bytes) = crate::sim::seeded_bytes() {
        return bytes;
    }
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .expect("the system's randomness does not fail once it has started");
    bytes
}

/// The secret of an invite: who shows it may join. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub [u8; 16]);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        Self(random_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", Token([7; 16])), "Token(..)");
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(Token::random(), Token::random());
    }
}
