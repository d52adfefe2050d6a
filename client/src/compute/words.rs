//! What a crew says on standard error: passed on to the log, and the line kept that tells why a
//! process died. It may quote documents, so it is tamed.

use std::io::{self, BufRead, BufReader, Read};
use std::thread::JoinHandle;

use gleaner_shared::limits::MESSAGE_BYTES_MAX;

use crate::tame::tame;

/// How the standard library says that there is no memory, before it aborts; a backtrace may follow.
pub(crate) const NO_MEMORY: &str = "memory allocation of ";

/// A thread that listens.
#[derive(Debug)]
pub(crate) struct Words(JoinHandle<String>);

impl Words {
    /// Listens to a crew's standard error.
    ///
    /// # Errors
    /// There is no thread.
    pub(crate) fn of(source: impl Read + Send + 'static) -> io::Result<Self> {
        let thread = std::thread::Builder::new().name("words".into());
        thread.spawn(move || listen(BufReader::new(source))).map(Self)
    }

    /// Waits until it has said all; its last line, or the one about memory.
    pub(crate) fn last(self) -> String {
        self.0.join().unwrap_or_default()
    }
}

/// Lines are cut at a limit; what is beyond it counts as further lines.
fn listen(mut source: impl BufRead) -> String {
    let mut last = String::new();
    loop {
        let mut line = Vec::new();
        let read = source.by_ref().take(MESSAGE_BYTES_MAX as u64).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return last;
        }
        let line = tame(String::from_utf8_lossy(&line).trim_end());
        if !line.is_empty() {
            tracing::debug!("the crew says: {line}");
            if !last.starts_with(NO_MEMORY) {
                last = line;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_kept_tamed_and_bounded() {
        assert_eq!(listen(&b""[..]), "");
        assert_eq!(listen(&b"one\ntwo\n\n"[..]), "two");
        assert_eq!(listen(&b"one\n\x1b[2Jtwo"[..]), "\u{fffd}[2Jtwo");
        let memory = b"one\nmemory allocation of 7 bytes failed\nstack backtrace:\n";
        assert_eq!(listen(&memory[..]), "memory allocation of 7 bytes failed");
        let long = [b'a'; 10 * MESSAGE_BYTES_MAX];
        assert!(listen(&long[..]).len() <= MESSAGE_BYTES_MAX);
        assert_eq!(Words::of(&b"x\n"[..]).unwrap().last(), "x");
    }
}
