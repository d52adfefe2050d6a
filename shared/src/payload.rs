//! A payload: some consecutive whole documents, each as bincode behind its length, in one zstd frame.
//!
//! `zstd( (length: u32 little-endian, document)* )`. Its digest is over the compressed bytes, which
//! are what travels and what is stored. Reading never takes more memory than the declared raw size.

use alloc::vec::Vec;
use std::io::Read;

use crate::digest;
use crate::document::Document;
use crate::id::Digest;
use crate::limits::{DOCUMENT_BYTES_MAX, PAYLOAD_BYTES_MAX};
use crate::wire::codec::{self, CodecError};

/// zstd level of payloads: written once, sent to every copy; 3 is the knee of speed and size.
pub const PAYLOAD_ZSTD_LEVEL: i32 = 3;

/// What a peer must know of a payload before it reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PayloadFacts {
    /// BLAKE3 of the compressed bytes.
    pub digest: Digest,
    /// Compressed bytes.
    pub len: u32,
    /// Bytes when decompressed, at most [`PAYLOAD_BYTES_MAX`].
    pub raw_len: u32,
    /// Documents in it.
    pub docs: u32,
}

/// Why a payload cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The bytes are not those that were promised.
    #[error("payload has digest {found:.8}, not {wanted:.8}: it was damaged")]
    Digest {
        /// Promised.
        wanted: Digest,
        /// Read.
        found: Digest,
    },
    /// It decompresses to more or less than was declared.
    #[error("payload decompresses to other than the declared {declared} bytes")]
    Size {
        /// Declared.
        declared: u32,
    },
    /// Not a zstd frame.
    #[error("payload cannot be decompressed: {0}")]
    Zstd(#[source] std::io::Error),
    /// A document in it is not one.
    #[error("document {index} of the payload: {source}")]
    Document {
        /// Which, from 0.
        index: u32,
        /// Why.
        source: CodecError,
    },
    /// It holds another number of documents than declared.
    #[error("payload does not hold the declared {declared} documents")]
    Count {
        /// Declared.
        declared: u32,
    },
}

/// A document's bytes as they stand in a payload; its digest identifies its content.
///
/// # Errors
/// The document is over [`DOCUMENT_BYTES_MAX`].
pub fn document_encode(document: &Document) -> Result<Vec<u8>, CodecError> {
    codec::encode_bulk(document, DOCUMENT_BYTES_MAX)
}

/// A document from its bytes.
///
/// # Errors
/// The bytes are not one document.
pub fn document_decode(bytes: &[u8]) -> Result<Document, CodecError> {
    codec::decode_bulk(bytes)
}

/// Builds one payload from documents' bytes, which have been checked to decode.
#[derive(Debug, Default)]
pub struct PayloadBuilder {
    raw: Vec<u8>,
    docs: u32,
}

impl PayloadBuilder {
    /// Appends a document's bytes.
    pub fn push(&mut self, document: &[u8]) {
        let len = u32::try_from(document.len()).expect("a document is under 64 MiB");
        self.raw.extend_from_slice(&len.to_le_bytes());
        self.raw.extend_from_slice(document);
        self.docs += 1;
    }

    /// Raw bytes so far.
    pub fn raw_len(&self) -> usize {
        self.raw.len()
    }

    /// Documents so far.
    pub fn docs(&self) -> u32 {
        self.docs
    }

    /// The payload, and an empty builder again.
    ///
    /// # Errors
    /// zstd itself failed (out of memory).
    pub fn build(&mut self) -> std::io::Result<(PayloadFacts, Vec<u8>)> {
        let raw = core::mem::take(&mut self.raw);
        let docs = core::mem::take(&mut self.docs);
        let bytes = zstd::bulk::compress(&raw, PAYLOAD_ZSTD_LEVEL)?;
        let size = |len: usize| u32::try_from(len).expect("a payload is under 4 GiB");
        let facts = PayloadFacts {
            digest: digest::digest(&bytes),
            len: size(bytes.len()),
            raw_len: size(raw.len()),
            docs,
        };
        Ok((facts, bytes))
    }
}

/// Checks a payload's bytes against what was declared, and gives its documents' bytes.
///
/// # Errors
/// Anything that differs from the declaration.
pub fn payload_open(facts: &PayloadFacts, bytes: &[u8]) -> Result<Payload, PayloadError> {
    let found = digest::digest(bytes);
    if found != facts.digest {
        return Err(PayloadError::Digest { wanted: facts.digest, found });
    }
    let raw = decompress(bytes, facts.raw_len as usize, PAYLOAD_BYTES_MAX)
        .map_err(PayloadError::Zstd)?
        .ok_or(PayloadError::Size { declared: facts.raw_len })?;
    Payload::index(raw, facts.docs)
}

/// An opened payload.
#[derive(Debug)]
pub struct Payload {
    raw: Vec<u8>,
    ends: Vec<(usize, usize)>,
}

impl Payload {
    fn index(raw: Vec<u8>, docs: u32) -> Result<Self, PayloadError> {
        let wrong = PayloadError::Count { declared: docs };
        let mut ends = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let Some(head) = raw.get(at..at + 4).and_then(|head| head.try_into().ok()) else {
                return Err(wrong);
            };
            let len = u32::from_le_bytes(head) as usize;
            let start = at + 4;
            if len > raw.len() - start || ends.len() == docs as usize {
                return Err(wrong);
            }
            ends.push((start, start + len));
            at = start + len;
        }
        if ends.len() != docs as usize {
            return Err(wrong);
        }
        Ok(Self { raw, ends })
    }

    /// How many documents it holds.
    pub fn docs(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("counted as u32")
    }

    /// The encoded bytes of each document, in order.
    pub fn encoded(&self) -> impl Iterator<Item = &[u8]> {
        self.ends.iter().map(|(start, end)| &self.raw[*start..*end])
    }

    /// The document at a position.
    ///
    /// # Errors
    /// There is none, or its bytes are not a document.
    pub fn document(&self, index: u32) -> Result<Document, PayloadError> {
        let (start, end) = *self
            .ends
            .get(index as usize)
            .ok_or(PayloadError::Count { declared: index.saturating_add(1) })?;
        document_decode(&self.raw[start..end])
            .map_err(|source| PayloadError::Document { index, source })
    }
}

/// Decompresses at most `declared` bytes; `None` if there are more or fewer, or `declared` is over `max`.
pub(crate) fn decompress(
    bytes: &[u8],
    declared: usize,
    max: usize,
) -> std::io::Result<Option<Vec<u8>>> {
    if declared > max {
        return Ok(None);
    }
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    let mut raw = Vec::with_capacity(declared.min(RESERVE_MAX));
    decoder.take(declared as u64 + 1).read_to_end(&mut raw)?;
    Ok((raw.len() == declared).then_some(raw))
}

/// zstd windows of up to 8 MiB: what level 3 to 19 use; larger ones only cost the reader memory.
const WINDOW_LOG_MAX: u32 = 23;
/// Memory taken at once on a peer's word; more comes as bytes arrive.
const RESERVE_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;

    fn sample() -> (PayloadFacts, Vec<u8>) {
        let mut builder = PayloadBuilder::default();
        for id in ["a", "b", "c"] {
            let document = Document {
                id: id.into(),
                kind: Kind::Text,
                year: 2003,
                paragraphs: ["x".repeat(10_000)].into(),
            };
            builder.push(&document_encode(&document).unwrap());
        }
        builder.build().unwrap()
    }

    #[test]
    fn documents_come_back_in_order() {
        let (facts, bytes) = sample();
        let payload = payload_open(&facts, &bytes).unwrap();
        let ids: Vec<_> = (0..3).map(|index| payload.document(index).unwrap().id).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        let read: Vec<_> =
            payload.encoded().map(|bytes| document_decode(bytes).unwrap().id).collect();
        assert_eq!(read, ids);
        assert!(payload.document(3).is_err());
    }

    #[test]
    fn damage_and_lies_are_refused() {
        let (facts, bytes) = sample();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert!(matches!(payload_open(&facts, &bytes), Err(PayloadError::Digest { .. })));
        }
        for raw_len in [0, facts.raw_len - 1, facts.raw_len + 1, u32::MAX] {
            let lie = PayloadFacts { raw_len, ..facts };
            assert!(matches!(payload_open(&lie, &bytes), Err(PayloadError::Size { .. })));
        }
        for docs in [0, 2, 4, u32::MAX] {
            let lie = PayloadFacts { docs, ..facts };
            assert!(matches!(payload_open(&lie, &bytes), Err(PayloadError::Count { .. })));
        }
    }

    #[test]
    fn a_bomb_is_cut_at_its_declared_size() {
        let bytes = zstd::bulk::compress(&[0; 50_000_000], 19).unwrap();
        let facts = PayloadFacts {
            digest: digest::digest(&bytes),
            len: u32::try_from(bytes.len()).unwrap(),
            raw_len: 1_000,
            docs: 1,
        };
        assert!(matches!(payload_open(&facts, &bytes), Err(PayloadError::Size { .. })));
    }
}
