//! Panics in the logs of a world: only those that a failpoint made.

use std::fs;

use anyhow::{Result, ensure};

use crate::World;

/// Looks through all logs.
///
/// # Errors
/// A program panicked by itself.
pub(crate) fn none_but_injected(world: &World) -> Result<()> {
    for log in world.all_logs() {
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        if let Some(said) = own_panic(&text) {
            ensure!(false, "{} has panicked: {said}", log.display());
        }
    }
    Ok(())
}

/// The first panic that no failpoint made: the line that says where, and the next.
fn own_panic(text: &str) -> Option<String> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let why = lines.peek().copied().unwrap_or_default();
        if line.contains("panicked at ") && !why.contains("injected at ") {
            return Some(format!("{line} {why}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::own_panic;

    #[test]
    fn only_panics_of_our_own_are_found() {
        let injected = "thread 'a' (1) panicked at x.rs:1:1:\ninjected at server.a\n";
        assert_eq!(own_panic(injected), None);
        let crew = "DEBUG the crew says: thread 'a' (1) panicked at x.rs:1:1:\nDEBUG the crew says: \
                    injected at client.a\n";
        assert_eq!(own_panic(crew), None);
        let own = "thread 'a' (1) panicked at x.rs:1:1:\nindex out of bounds\n";
        assert!(own_panic(&format!("{injected}{own}")).is_some());
        assert_eq!(own_panic("nothing\n"), None);
    }
}
