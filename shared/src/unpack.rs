//! zstd streams that others wrote: unpacked as they are read, with a bounded window.

use std::io::{BufRead, Read, Result};

use crate::limits::UNPACK_WINDOW_LOG_MAX;

/// The bytes that a stream of zstd frames unpacks to, in order.
///
/// # Errors
/// zstd itself failed (out of memory). What is wrong with the stream is told by its reads.
pub fn zstd_stream<R: BufRead>(source: R) -> Result<impl Read> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
    decoder.window_log_max(UNPACK_WINDOW_LOG_MAX)?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        zstd_stream(bytes)?.read_to_end(&mut unpacked)?;
        Ok(unpacked)
    }

    #[test]
    fn frames_after_each_other_are_one_stream() {
        let mut bytes = zstd::bulk::compress(b"one ", 3).unwrap();
        bytes.extend(zstd::bulk::compress(b"two", 19).unwrap());
        assert_eq!(unpacked(&bytes).unwrap(), b"one two");
        assert!(unpacked(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_window_is_bounded() {
        // Magic, no content size, the window's exponent, one empty last block.
        let frame = |log: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 1, 0, 0];
        assert_eq!(unpacked(&frame(27)).unwrap(), b"");
        assert!(unpacked(&frame(28)).is_err());
    }
}
