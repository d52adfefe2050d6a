//! Words of the engine and the wire as they stand in columns, and back.

use gleaner_engine::effect::JobState;
use gleaner_shared::id::{Digest, HostId, JobId};
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome, UnitFailure};
use gleaner_shared::wire::stream::Role;

use crate::error::StoreError;

/// A value that is written as one word.
pub(crate) trait Word: Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(value, _)| *value == self);
        found.expect("every value has its word").1
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        found.map(|(value, _)| *value).ok_or_else(|| {
            StoreError::damaged("the database", format!("it has the unknown word {word:?}"))
        })
    }
}

impl Word for JobState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Running, "running"),
        (Self::Paused, "paused"),
        (Self::Finishing, "finishing"),
        (Self::Done, "done"),
        (Self::Cancelled, "cancelled"),
    ];
}

impl Word for Standing {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Own, "own"), (Self::Stranger, "stranger")];
}

impl Word for Role {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Own, "own"), (Self::Volunteer, "volunteer"), (Self::Admin, "admin")];
}

impl Word for FailureClass {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Refused, "refused"),
        (Self::Crashed, "crashed"),
        (Self::TooLarge, "too-large"),
        (Self::TimedOut, "timed-out"),
    ];
}

impl Word for UnitFailure {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::App(FailureClass::Refused), "refused"),
        (Self::App(FailureClass::Crashed), "crashed"),
        (Self::App(FailureClass::TooLarge), "too-large"),
        (Self::App(FailureClass::TimedOut), "timed-out"),
        (Self::NotDeterministic, "not-deterministic"),
        (Self::NoMajority, "no-majority"),
        (Self::Expired, "expired"),
    ];
}

fn bytes_of(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    let wrong = || StoreError::damaged("the database", "a digest in it is not 32 bytes");
    bytes.try_into().map_err(|_| wrong())
}

pub(crate) fn digest_of(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes_of(bytes).map(Digest)
}

pub(crate) fn host_of(bytes: &[u8]) -> Result<HostId, StoreError> {
    bytes_of(bytes).map(HostId)
}

/// The columns `digest` and `failure` of a result.
pub(crate) fn outcome_of(
    digest: Option<Vec<u8>>,
    failure: Option<String>,
) -> Result<Outcome, StoreError> {
    match (digest, failure) {
        (Some(digest), None) => digest_of(&digest).map(Outcome::Records),
        (None, Some(failure)) => FailureClass::of(&failure).map(Outcome::Failed),
        _ => Err(StoreError::damaged("the database", "a result in it is neither or both")),
    }
}

/// The columns that name a unit.
pub(crate) fn unit_of((job, slice, first, count): (u32, u32, u32, u32)) -> UnitKey {
    UnitKey { job: JobId(job), slice, docs: DocRange { first, count } }
}

/// A count or a size, which SQLite keeps signed.
pub(crate) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A count or a size for SQLite. None here comes near its range.
pub(crate) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
