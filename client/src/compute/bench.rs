//! Where a unit is computed: in a crew, from the payload on disk to packed records. Nothing is
//! written but the removal of what is damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gleaner_shared::digest::digest;
use gleaner_shared::limits::ARTEFACT_BYTES_MAX;
use gleaner_shared::payload::{Payload, PayloadError, payload_open};
use gleaner_shared::records;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::{Artefact, JobBrief, Returned};

use super::app::{self, Failure, Ready, Unready};
use super::outcome::{Outcome, Stopped, failed};
use super::pipe::Errand;
use super::prepared::Prepared;
use super::run::Run;
use crate::disk::blobs::{self, Blobs, Item};
use crate::disk::folder::Folder;

/// What all units of a crew share.
#[derive(Debug)]
pub(crate) struct Bench {
    blobs: Blobs,
    prepared: Prepared,
}

/// Why there are no records.
enum Without {
    Stopped(Stopped),
    Failed(Failure),
}

impl From<Failure> for Without {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Stopped> for Without {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl Bench {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder) -> Self {
        Self { blobs: Blobs::new(folder), prepared: Prepared::default() }
    }

    /// Computes a unit; `begun` is told when its job is ready. The app may panic; nothing else here
    /// does.
    pub(crate) fn perform(&self, errand: &Errand, run: &Run, begun: impl FnOnce()) -> Outcome {
        match self.canonical(errand, run, begun) {
            Ok(result) => Ok(result),
            Err(Without::Failed(failure)) => Ok(failed(failure)),
            Err(Without::Stopped(stopped)) => Err(stopped),
        }
    }

    fn canonical(
        &self,
        errand: &Errand,
        run: &Run,
        begun: impl FnOnce(),
    ) -> Result<(Returned, Vec<u8>), Without> {
        // First what may be too much for this machine, and is no fault of the documents.
        let ready = self.ready(&errand.job)?;
        begun();
        let payload = self.payload(errand)?;
        let canonical = guarded(|| ready.run(&payload, errand.docs, run))??;
        let unread = |error: std::io::Error| Stopped::Unread(error.to_string());
        let packed = records::pack(&canonical).map_err(unread)?;
        let too_large = |_| Failure {
            class: FailureClass::TooLarge,
            message: format!("the packed result has {} bytes", packed.len()),
        };
        let len = u32::try_from(packed.len()).map_err(too_large)?;
        let (digest, raw_len) = (digest(&canonical), canonical.len() as u64);
        Ok((Returned::Records { digest, raw_len, len }, packed))
    }

    fn payload(&self, errand: &Errand) -> Result<Payload, Without> {
        let item = Item::Payload(errand.payload.digest);
        let bytes = self.read(item)?;
        match payload_open(&errand.payload, &bytes) {
            Ok(payload) => Ok(payload),
            Err(PayloadError::Digest { .. }) => Err(self.lacks(item).into()),
            // The bytes are as promised, so it is the promise that is wrong: all hosts will say so.
            Err(error) => Err(Failure::refused(error).into()),
        }
    }

    fn ready(&self, job: &JobBrief) -> Result<Arc<Ready>, Without> {
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
            (None, Unready::Lacks, Some(data)) => {
                Stopped::Lacks(Item::Artefact(data.digest)).into()
            }
            (None, Unready::Failed(failure), _) => failure.into(),
            (None, Unready::UnknownApp | Unready::Lacks, _) => Stopped::UnknownApp.into(),
        })
    }

    fn artefact(&self, data: Artefact) -> Result<Vec<u8>, Without> {
        if data.len > ARTEFACT_BYTES_MAX as u64 {
            let message = format!("the job's data has {} bytes, over the limit", data.len);
            return Err(Failure::refused(message).into());
        }
        let item = Item::Artefact(data.digest);
        let bytes = self.read(item)?;
        if digest(&bytes) != data.digest {
            return Err(self.lacks(item).into());
        }
        Ok(bytes)
    }

    fn read(&self, item: Item) -> Result<Vec<u8>, Stopped> {
        let bytes = blobs::read(&self.blobs.path(item));
        bytes.map_err(|error| Stopped::Unread(error.to_string()))?.ok_or(Stopped::Lacks(item))
    }

    /// Removes what is damaged, so that it is fetched again.
    fn lacks(&self, item: Item) -> Stopped {
        match self.blobs.remove(item) {
            Ok(()) => Stopped::Lacks(item),
            Err(error) => Stopped::Unread(error.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_of_the_unit() {
        let failure = guarded(|| panic!("at document {}", 7)).map(|()| "no").unwrap_err();
        assert_eq!(failure.class, FailureClass::Crashed);
        assert_eq!(failure.message, "the app panicked: at document 7");
    }
}
