//! bincode 2.0.1 `standard()`, the format of every message. The only file that names the crate.
//!
//! The format is written down in docs/protocol.md and held by golden bytes, so that the crate can
//! be replaced. Enums only ever get new variants at their end.

use alloc::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::{DOCUMENT_BYTES_MAX, FRAME_BYTES_MAX};

/// What bincode may count for one frame. It counts a number at its full width (8 bytes for a length
/// that travels as one), so that a frame's own limit would refuse frames that we send.
const FRAME_CLAIM_MAX: usize = 8 * FRAME_BYTES_MAX;

/// Why bytes are no message, or a message has no bytes.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The message would be longer than its limit.
    #[error("message of {len} bytes is over the limit of {max}")]
    TooLong {
        /// Its length.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// Bytes are left over after the message.
    #[error("{0} bytes are left after the message")]
    Trailing(usize),
    /// The bytes are not of this message's form.
    #[error("bytes do not fit the message: {0}")]
    Form(alloc::string::String),
}

/// A message as bytes, at most [`FRAME_BYTES_MAX`].
///
/// # Errors
/// [`CodecError::TooLong`] if it does not fit in a frame.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, CodecError> {
    encode_bulk(message, FRAME_BYTES_MAX)
}

/// A message from a whole frame's bytes.
///
/// # Errors
/// Any bytes that are not exactly one message of this type.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, CodecError> {
    if bytes.len() > FRAME_BYTES_MAX {
        return Err(CodecError::TooLong { len: bytes.len(), max: FRAME_BYTES_MAX });
    }
    let config = bincode::config::standard().with_limit::<FRAME_CLAIM_MAX>();
    finish(bincode::serde::decode_from_slice(bytes, config), bytes.len())
}

/// Like [`encode`], for what is stored or sent in bulk (documents), with a limit of its own.
///
/// # Errors
/// [`CodecError::TooLong`] if it is over `max` bytes.
pub fn encode_bulk<M: Serialize>(message: &M, max: usize) -> Result<Vec<u8>, CodecError> {
    let bytes = bincode::serde::encode_to_vec(message, bincode::config::standard())
        .map_err(|error| CodecError::Form(alloc::format!("{error}")))?;
    if bytes.len() > max {
        return Err(CodecError::TooLong { len: bytes.len(), max });
    }
    Ok(bytes)
}

/// Like [`decode`], for bytes of up to [`DOCUMENT_BYTES_MAX`].
///
/// # Errors
/// Any bytes that are not exactly one message of this type.
pub fn decode_bulk<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, CodecError> {
    let config = bincode::config::standard().with_limit::<DOCUMENT_BYTES_MAX>();
    finish(bincode::serde::decode_from_slice(bytes, config), bytes.len())
}

fn finish<M>(
    decoded: Result<(M, usize), bincode::error::DecodeError>,
    len: usize,
) -> Result<M, CodecError> {
    let (message, used) = decoded.map_err(|error| CodecError::Form(alloc::format!("{error}")))?;
    if used != len {
        return Err(CodecError::Trailing(len - used));
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn whatever_fits_in_a_frame_can_be_read_from_it() {
        let numbers: Vec<u64> = (0..FRAME_BYTES_MAX as u64 - 3).map(|n| n % 250).collect();
        assert_eq!(decode::<Vec<u64>>(&encode(&numbers).unwrap()).unwrap(), numbers);
        let text = "x".repeat(FRAME_BYTES_MAX - 3);
        assert_eq!(decode::<String>(&encode(&text).unwrap()).unwrap(), text);
        let words: Vec<String> = (0..30_000).map(|_| "y".into()).collect();
        assert_eq!(decode::<Vec<String>>(&encode(&words).unwrap()).unwrap(), words);
    }
}
