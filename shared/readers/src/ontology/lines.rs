//! The lines of an ontology, one at a time, each of bounded length.

use std::io::BufRead;

use gleaner_shared::limits::ONTOLOGY_ITEM_BYTES_MAX;

use super::broken::{BrokenOntology, OntologyFault};
use crate::meter::Meter;

/// Reads a source line by line. Lines end at LF or CR LF.
pub(super) struct Lines<R> {
    meter: Meter<R>,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { meter: Meter::new(source, ONTOLOGY_ITEM_BYTES_MAX), bytes: Vec::new() }
    }

    /// The next line's number, from 1, and its text without its end; `None` at the end.
    pub(super) fn read(&mut self) -> Result<Option<(u64, &str)>, BrokenOntology> {
        let number = self.meter.line();
        self.meter.begin_item();
        self.bytes.clear();
        let read = self.meter.read_until(b'\n', &mut self.bytes);
        if read.map_err(|error| OntologyFault::from(error).on(number))? == 0 {
            return Ok(None);
        }
        let line = str::from_utf8(&self.bytes).map_err(|_| OntologyFault::NotUtf8.on(number))?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        Ok(Some((number, line.strip_suffix('\r').unwrap_or(line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_lose_their_ends() {
        let mut lines = Lines::new(&b"a\r\n\nb\rc"[..]);
        for expected in [Some((1, "a")), Some((2, "")), Some((3, "b\rc")), None] {
            assert_eq!(lines.read().unwrap(), expected);
        }
    }

    #[test]
    fn a_line_has_an_end() {
        let long = "x".repeat(ONTOLOGY_ITEM_BYTES_MAX + 1);
        let error = Lines::new(long.as_bytes()).read().unwrap_err();
        assert!(matches!(error.fault, OntologyFault::TooLong));
    }
}
