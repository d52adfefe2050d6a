//! A source that counts its lines and gives no item more bytes than its share.
//!
//! Parsers that stream keep one item (a row, a line, a class) in memory; a broken file makes one
//! item of all that follows. The share is where that ends.

use core::fmt;
use std::io::{BufRead, Error, Read, Result};

/// Reads `source`; an item that takes more than its share fails with [`ItemTooLong`].
#[derive(Debug)]
pub(crate) struct Meter<R> {
    source: R,
    share: usize,
    left: usize,
    line: u64,
}

/// The item that begins last has had its share.
#[derive(Debug)]
pub(crate) struct ItemTooLong;

impl fmt::Display for ItemTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item is too long")
    }
}

impl core::error::Error for ItemTooLong {}

/// Whether it is the meter that gave this error.
pub(crate) fn is_too_long(error: &Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<ItemTooLong>())
}

impl<R> Meter<R> {
    /// `share` is in bytes; a parser that reads ahead needs its buffer on top.
    pub(crate) fn new(source: R, share: usize) -> Self {
        Self { source, share, left: share, line: 1 }
    }

    /// From here on bytes count for the next item.
    pub(crate) fn begin_item(&mut self) {
        self.left = self.share;
    }

    /// The line that the next byte is on, from 1. Counted by consumed bytes ([`BufRead`]) only.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read).ok_or_else(|| Error::other(ItemTooLong))?;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        let bytes = self.source.fill_buf()?;
        if self.left == 0 && !bytes.is_empty() {
            return Err(Error::other(ItemTooLong));
        }
        Ok(&bytes[..bytes.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        // The buffer is filled already, so this reads nothing and cannot fail.
        if let Ok(bytes) = self.source.fill_buf() {
            let used = &bytes[..amount.min(bytes.len())];
            self.line += used.iter().filter(|&&byte| byte == b'\n').count() as u64;
        }
        self.left = self.left.saturating_sub(amount);
        self.source.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_its_share_and_no_more() {
        let mut meter = Meter::new(&b"abc\ndefg\n"[..], 4);
        let mut line = Vec::new();
        meter.read_until(b'\n', &mut line).unwrap();
        assert_eq!((line.as_slice(), meter.line()), (&b"abc\n"[..], 2));
        meter.begin_item();
        let error = meter.read_until(b'\n', &mut line).unwrap_err();
        assert!(is_too_long(&error));
        assert!(!is_too_long(&Error::other("another")));
    }

    #[test]
    fn the_end_is_no_item() {
        let mut meter = Meter::new(&b"abcd"[..], 4);
        let mut all = Vec::new();
        assert_eq!(BufRead::read_until(&mut meter, b'\n', &mut all).unwrap(), 4);
        assert_eq!(meter.fill_buf().unwrap(), b"");
    }
}
