//! A text with A-Z made a-z, and hashes of its words.

use crate::text::Span;

/// Bytes that a hash takes at once.
const CHUNK: usize = 8;

/// The folded bytes of one paragraph, kept from one to the next to save allocations. Offsets are
/// those of the text.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The text, then [`CHUNK`] zeros, so that a chunk can be read at each of its bytes.
    bytes: Vec<u8>,
}

impl Folded {
    /// Takes another text in place of the last.
    pub fn set(&mut self, text: &str) {
        self.bytes.clear();
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.make_ascii_lowercase();
        self.bytes.extend_from_slice(&[0; CHUNK]);
    }

    /// The folded text; some zeros follow it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A hash of what stands at a span. The same on all machines and in all runs.
    #[inline]
    pub(crate) fn hash(&self, span: Span) -> u32 {
        let mut hash = span.end.wrapping_sub(span.start) as u64;
        let mut at = span.start;
        while at < span.end {
            let chunk: [u8; CHUNK] =
                self.bytes[at..at + CHUNK].try_into().expect("a chunk is as long as it says");
            let unused = CHUNK.saturating_sub(span.end - at);
            let chunk = u64::from_le_bytes(chunk) << (8 * unused);
            hash = (hash.rotate_left(5) ^ chunk).wrapping_mul(MULTIPLIER);
            at += CHUNK;
        }
        (hash >> 32) as u32
    }
}

/// 2^64 divided by the golden ratio: spreads low bits over the high ones, which are taken.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
