//! The byte order mark that some editors put in front of UTF-8.

use std::io::{BufRead, Chain, Cursor, Read};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// `bytes` without a byte order mark in front.
pub(crate) fn without(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

/// `source` without a byte order mark in front, however few bytes it gives at a time.
pub(crate) fn skipped<R: BufRead>(mut source: R) -> std::io::Result<Chain<Cursor<Vec<u8>>, R>> {
    let mut start = Vec::with_capacity(BOM.len());
    source.by_ref().take(BOM.len() as u64).read_to_end(&mut start)?;
    if start == BOM {
        start.clear();
    }
    Ok(Cursor::new(start).chain(source))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn one_mark_goes_and_nothing_else() {
        for (bytes, rest) in [
            (&b""[..], &b""[..]),
            (b"a", b"a"),
            (b"\xef\xbb", b"\xef\xbb"),
            (b"\xef\xbb\xbf", b""),
            (b"\xef\xbb\xbfa\xef\xbb\xbf", b"a\xef\xbb\xbf"),
        ] {
            assert_eq!(without(bytes), rest);
            let mut read = Vec::new();
            skipped(BufReader::with_capacity(1, bytes)).unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, rest);
        }
    }
}
