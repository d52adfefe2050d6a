//! When the disk takes nothing: results stay in memory, no work is asked for, it is said, and tried
//! again each second. Nothing is lost.

use gleaner_shared::limits::RETRY_PAUSE;
use tokio::time::Instant;

use super::Host;
use super::outbox::Kept;
use super::times::due;
use crate::disk::durable;
use crate::disk::marks::Mark;
use crate::talk::span;

/// A file that tells whether the disk takes files again. Its size, 1 MiB, is that of some results: a
/// disk that takes only one more file is still full.
const PROBE: &str = "probe";
const PROBE_PART: &[u8] = &[0; 64 * 1024];
const PROBE_PARTS: usize = 16;

/// Whether the disk takes files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DiskState {
    /// It does.
    Fine,
    /// It does not; what it said.
    Refuses(String),
}

impl Host {
    /// The disk refused something.
    pub(super) fn disk_refused(&mut self, why: &str) {
        if self.disk == DiskState::Fine {
            tracing::warn!(
                "the disk is full or takes no files ({why}): results are kept in memory and no \
                 work is asked for until it does; free some space in {}",
                self.folder.root().display()
            );
            self.unwant();
        }
        self.disk = DiskState::Refuses(why.into());
        self.times.disk.get_or_insert(Instant::now() + span(RETRY_PAUSE));
    }

    /// Tries again what the disk refused, when it is time.
    pub(super) fn disk_retry(&mut self, now: Instant) {
        if self.disk == DiskState::Fine || !due(&mut self.times.disk, now) {
            return;
        }
        let tried = self.retry_kept().and_then(|()| self.retry_grants());
        let tried = tried.and_then(|()| {
            let put = durable::put(self.folder.root(), PROBE, &[PROBE_PART; PROBE_PARTS]);
            put.and_then(|()| durable::remove(&self.folder.root().join(PROBE)))
        });
        match tried {
            Ok(()) => {
                tracing::info!("the disk takes files again");
                self.disk = DiskState::Fine;
            }
            Err(error) => self.disk_refused(&error.to_string()),
        }
    }

    fn retry_kept(&mut self) -> std::io::Result<()> {
        let mut result = Ok(());
        for Kept { entry, packed } in self.outbox.take_kept() {
            let put = match &result {
                Ok(()) => self.spool.put(&entry, &packed).map(Some),
                Err(_) => Ok(None),
            };
            match put {
                Ok(Some(name)) => {
                    self.outbox.add(name, &entry);
                    self.mark(entry.lease, Mark::Ended);
                }
                Ok(None) => self.outbox.keep(Kept { entry, packed }),
                Err(error) => {
                    self.outbox.keep(Kept { entry, packed });
                    result = Err(error);
                }
            }
        }
        result
    }

    fn retry_grants(&mut self) -> std::io::Result<()> {
        while let Some(grant) = self.unsaved.last() {
            self.grants.save(grant)?;
            self.unsaved.pop();
        }
        Ok(())
    }
}
