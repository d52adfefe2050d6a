//! Waiting for something that another process does.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until there is something.
///
/// # Errors
/// If the patience is over, or looking fails.
pub fn until<T>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if start.elapsed() >= patience {
            bail!("waited {:.1} s in vain for {what}", patience.as_secs_f64());
        }
        thread::sleep(LOOK_EVERY);
    }
}
