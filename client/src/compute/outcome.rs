//! What comes of a unit before anything of it is on disk: a result, or why there is none yet.

use gleaner_shared::limits::MESSAGE_BYTES_MAX;
use gleaner_shared::wire::work::Returned;
use serde::{Deserialize, Serialize};

use super::app::Failure;
use crate::disk::blobs::Item;

/// A result with its packed bytes, or none.
pub(crate) type Outcome = Result<(Returned, Vec<u8>), Stopped>;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stopped {
    /// An item is damaged or gone; it was removed.
    Lacks(Item),
    /// This client does not know the app.
    UnknownApp,
    /// The disk could not be read.
    Unread(String),
}

/// An outcome without its packed bytes, as one process tells it to another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    /// There is a result.
    Made(Returned),
    /// There is none.
    Stopped(Stopped),
}

impl Told {
    /// Of an outcome; the packed bytes beside it.
    pub(crate) fn of(outcome: Outcome) -> (Self, Vec<u8>) {
        match outcome {
            Ok((returned, packed)) => (Self::Made(returned), packed),
            Err(stopped) => (Self::Stopped(stopped), Vec::new()),
        }
    }

    /// The outcome again.
    pub(crate) fn outcome(self, packed: Vec<u8>) -> Outcome {
        match self {
            Self::Made(returned) => Ok((returned, packed)),
            Self::Stopped(stopped) => Err(stopped),
        }
    }
}

/// A failure as a result, which has no bytes.
pub(crate) fn failed(failure: Failure) -> (Returned, Vec<u8>) {
    let Failure { class, mut message } = failure;
    message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
    (Returned::Failed { class, message }, Vec::new())
}
