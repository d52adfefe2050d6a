//! One unit, from the payload on disk to the result in the spool.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gleaner_shared::digest::digest;
use gleaner_shared::limits::{ARTEFACT_BYTES_MAX, CRASHES_MAX, MESSAGE_BYTES_MAX};
use gleaner_shared::payload::{Payload, PayloadError, payload_open};
use gleaner_shared::records;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::{Artefact, JobBrief, ResultHead, Returned};

use super::app::{self, Failure, Ready, Unready};
use super::prepared::Prepared;
use super::task::{Made, Task};
use crate::disk::blobs::{self, Blobs, Item};
use crate::disk::folder::Folder;
use crate::disk::spool::{Entry, Spool};

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Workshop {
    blobs: Blobs,
    spool: Spool,
    prepared: Prepared,
}

/// Why there is no result at all.
enum Stopped {
    Lacks(Item),
    UnknownApp,
    Unread(io::Error),
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Workshop {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        let prepared = Prepared::default();
        Self { blobs: Blobs::new(folder), spool: Spool::new(folder), prepared }
    }

    /// Does a unit. The app may panic; nothing else here does.
    pub(crate) fn perform(&self, task: &Task) -> Made {
        if task.void.is_set() {
            return Made::Void;
        }
        match self.records(task) {
            Ok((head, packed)) => self.spooled(task, head, packed),
            Err(Stopped::Failed(failure)) => {
                let message = cut(failure.message);
                let returned = Returned::Failed { class: failure.class, message };
                self.spooled(task, returned, Vec::new())
            }
            Err(Stopped::Lacks(item)) => Made::Lacks(item),
            Err(Stopped::UnknownApp) => Made::UnknownApp,
            Err(Stopped::Unread(error)) => Made::Unread(error.to_string()),
        }
    }

    fn records(&self, task: &Task) -> Result<(Returned, Vec<u8>), Stopped> {
        if task.died >= CRASHES_MAX {
            let message = format!("the process died {} times with the unit in hand", task.died);
            return Err(Failure { class: FailureClass::Crashed, message }.into());
        }
        let payload = self.payload(task)?;
        let ready = self.ready(&task.job)?;
        let canonical = guarded(|| ready.run(&payload, task.docs))??;
        let packed = records::pack(&canonical).map_err(Stopped::Unread)?;
        let too_large = |_| Failure {
            class: FailureClass::TooLarge,
            message: format!("the packed result has {} bytes", packed.len()),
        };
        let len = u32::try_from(packed.len()).map_err(too_large)?;
        let (digest, raw_len) = (digest(&canonical), canonical.len() as u64);
        Ok((Returned::Records { digest, raw_len, len }, packed))
    }

    fn payload(&self, task: &Task) -> Result<Payload, Stopped> {
        let item = Item::Payload(task.payload.digest);
        let bytes = self.read(item)?;
        match payload_open(&task.payload, &bytes) {
            Ok(payload) => Ok(payload),
            Err(PayloadError::Digest { .. }) => Err(self.lacks(item)),
            // The bytes are as promised, so it is the promise that is wrong: all hosts will say so.
            Err(error) => Err(Failure::refused(error).into()),
        }
    }

    fn ready(&self, job: &JobBrief) -> Result<Arc<Ready>, Stopped> {
        let mut stopped = None;
        let made = self.prepared.of(job, || {
            let data = match job.data.map(|data| self.artefact(data)).transpose() {
                Ok(data) => data,
                Err(why) => {
                    stopped = Some(why);
                    return Err(Unready::Lacks);
                }
            };
            guarded(|| app::prepare(job, data.as_deref()))
                .unwrap_or_else(|failure| Err(Unready::Failed(failure)))
        });
        made.map_err(|unready| match (stopped, unready, job.data) {
            (Some(stopped), ..) => stopped,
            (None, Unready::Lacks, Some(data)) => Stopped::Lacks(Item::Artefact(data.digest)),
            (None, Unready::Failed(failure), _) => failure.into(),
            (None, Unready::UnknownApp | Unready::Lacks, _) => Stopped::UnknownApp,
        })
    }

    fn artefact(&self, data: Artefact) -> Result<Vec<u8>, Stopped> {
        if data.len > ARTEFACT_BYTES_MAX as u64 {
            let message = format!("the job's data has {} bytes, over the limit", data.len);
            return Err(Failure::refused(message).into());
        }
        let item = Item::Artefact(data.digest);
        let bytes = self.read(item)?;
        if digest(&bytes) != data.digest {
            return Err(self.lacks(item));
        }
        Ok(bytes)
    }

    fn read(&self, item: Item) -> Result<Vec<u8>, Stopped> {
        let bytes = blobs::read(&self.blobs.path(item)).map_err(Stopped::Unread)?;
        bytes.ok_or(Stopped::Lacks(item))
    }

    /// Removes what is damaged, so that it is fetched again.
    fn lacks(&self, item: Item) -> Stopped {
        match self.blobs.remove(item) {
            Ok(()) => Stopped::Lacks(item),
            Err(error) => Stopped::Unread(error),
        }
    }

    fn spooled(&self, task: &Task, returned: Returned, packed: Vec<u8>) -> Made {
        if task.void.is_set() {
            return Made::Void;
        }
        let (job, payload) = (task.job.digest, task.payload.digest);
        let head = ResultHead { job, payload, docs: task.docs, returned };
        let entry = Entry { lease: task.lease, head };
        match self.spool.put(&entry, &packed) {
            Ok(name) => Made::Spooled(name, entry),
            Err(error) => Made::Kept { entry, packed, why: error.to_string() },
        }
    }
}

/// Runs an app's code; a panic is a failure of the unit, not of the client.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    // What the app has left half done is never looked at: a prepared job is not changed by a run.
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = format!("the app panicked: {}", said.unwrap_or("without a word"));
        Failure { class: FailureClass::Crashed, message }
    })
}

fn cut(mut message: String) -> String {
    message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
    message
}

#[cfg(test)]
#[path = "perform_tests.rs"]
mod tests;
