//! What comes of a unit: outcomes that hosts return, verdicts that the server gives.

use crate::id::Digest;

/// Why an app could not do a unit. Hosts that agree on the class agree on the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum FailureClass {
    /// The app refused a document.
    Refused,
    /// The app panicked or trapped, or ended the process that computed it.
    Crashed,
    /// The result broke a limit on rows or bytes.
    TooLarge,
    /// A document took longer than the job's deadline.
    TimedOut,
}

/// What one host says of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// Records; the digest is over their canonical form.
    Records(Digest),
    /// A failure is a result too.
    Failed(FailureClass),
}

/// Why a unit is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum UnitFailure {
    /// Enough hosts agree that the app fails on it.
    App(FailureClass),
    /// Two own hosts returned different records: the app is not deterministic.
    NotDeterministic,
    /// [`crate::limits::UNIT_RESULTS_MAX`] results and still no majority.
    NoMajority,
    /// Its leases ran out [`crate::limits::UNIT_EXPIRIES_MAX`] times.
    Expired,
}

/// How a unit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Settlement {
    /// The records of this digest are merged.
    Merged(Digest),
    /// Given up, with why.
    Failed(UnitFailure),
}

/// What the server tells a host of the result it returned. Sent only after the commit that keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Receipt {
    /// On disk, and it counts in the verdict of its unit.
    Kept,
    /// The unit was settled before, or the lease had run out: compared, not counted.
    Late,
    /// The job was cancelled or removed; the result is of no use.
    Gone,
}
