//! Sealed files: a head and a body behind a checksum, so that damage is seen before it is believed.
//!
//! `mark (8 bytes), head length (u32, little-endian), head, body, BLAKE3 of all before (32 bytes)`.
//! The head is one message. Any flipped bit and any cut is found.

use gleaner_shared::digest::Hasher;
use gleaner_shared::limits::SEALED_HEAD_MAX;
use gleaner_shared::wire::codec::{self, CodecError};
use serde::Serialize;
use serde::de::DeserializeOwned;

const MARK_BYTES: usize = 8;
const PREFIX_BYTES: usize = MARK_BYTES + 4;
const SEAL_BYTES: usize = 32;

/// The first bytes of a file: what it is, and in which version of its form.
pub(crate) type Mark = [u8; MARK_BYTES];

/// Why bytes are no sealed file of that kind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// Too short, or another kind or version of file.
    #[error("it is cut off, or no file of this kind")]
    Form,
    /// The checksum differs.
    #[error("its checksum does not fit: it was damaged")]
    Damaged,
    /// The checksum fits, but the head is no message of this version.
    #[error("its head cannot be read: {0}")]
    Head(#[from] CodecError),
}

/// What to write before and after a body.
pub(crate) struct Sealed {
    /// Mark, length, head.
    pub(crate) front: Vec<u8>,
    /// The checksum.
    pub(crate) seal: [u8; SEAL_BYTES],
}

/// Seals a head and a body, which is not copied.
pub(crate) fn seal<H: Serialize>(mark: Mark, head: &H, body: &[u8]) -> Result<Sealed, CodecError> {
    let head = codec::encode_bulk(head, SEALED_HEAD_MAX)?;
    let len = u32::try_from(head.len()).expect("a head's limit is far below 4 GiB");
    let mut front = Vec::with_capacity(PREFIX_BYTES + head.len());
    front.extend_from_slice(&mark);
    front.extend_from_slice(&len.to_le_bytes());
    front.extend_from_slice(&head);
    let seal = checksum(&front, body);
    Ok(Sealed { front, seal })
}

/// The head and the body of a sealed file.
pub(crate) fn open<H: DeserializeOwned>(mark: Mark, bytes: &[u8]) -> Result<(H, &[u8]), SealError> {
    let (sealed, seal) = bytes.split_last_chunk::<SEAL_BYTES>().ok_or(SealError::Form)?;
    let (prefix, rest) = sealed.split_first_chunk::<PREFIX_BYTES>().ok_or(SealError::Form)?;
    let (found, len) = prefix.split_first_chunk::<MARK_BYTES>().ok_or(SealError::Form)?;
    if *found != mark {
        return Err(SealError::Form);
    }
    if checksum(sealed, &[]) != *seal {
        return Err(SealError::Damaged);
    }
    let len = u32::from_le_bytes(len.try_into().map_err(|_| SealError::Form)?) as usize;
    let (head, body) = rest.split_at_checked(len).ok_or(SealError::Form)?;
    Ok((codec::decode(head)?, body))
}

fn checksum(front: &[u8], body: &[u8]) -> [u8; SEAL_BYTES] {
    let mut hasher = Hasher::new();
    hasher.update(front);
    hasher.update(body);
    hasher.digest().0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = *b"GLNTEST1";

    fn sample() -> Vec<u8> {
        let sealed = seal(MARK, &("head".to_string(), 7_u32), b"the body").unwrap();
        [&sealed.front[..], b"the body", &sealed.seal].concat()
    }

    fn open(bytes: &[u8]) -> Result<((String, u32), &[u8]), SealError> {
        super::open(MARK, bytes)
    }

    #[test]
    fn head_and_body_come_back() {
        let bytes = sample();
        assert_eq!(open(&bytes).unwrap(), (("head".to_string(), 7), &b"the body"[..]));
    }

    #[test]
    fn any_flipped_bit_is_found() {
        let bytes = sample();
        for at in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(open(&bytes).is_err(), "bit {at}");
        }
    }

    #[test]
    fn any_cut_and_any_addition_is_found() {
        let bytes = sample();
        for len in 0..bytes.len() {
            assert!(open(&bytes[..len]).is_err(), "{len} bytes");
            assert!(open(&bytes[bytes.len() - len..]).is_err(), "the last {len} bytes");
        }
        assert!(open(&[&bytes[..], b"x"].concat()).is_err());
    }

    #[test]
    fn another_kind_of_file_is_refused() {
        let sealed = seal(*b"GLNTEST2", &("head".to_string(), 7_u32), b"").unwrap();
        let bytes = [&sealed.front[..], &sealed.seal].concat();
        assert!(matches!(open(&bytes), Err(SealError::Form)));
    }
}
