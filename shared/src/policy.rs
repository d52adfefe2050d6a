//! What a job asks of its hosts.

use crate::limits;
use crate::measure::Millis;

/// Whether a host belongs to the operator.
///
/// Not the same as a proven account: that is a stranger's with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Standing {
    /// Invited by the operator as his own (`--trusted`).
    Own,
    /// Anybody else.
    Stranger,
}

/// A job's rules for copies, order and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct Policy {
    /// Equal results of strangers that a verdict needs, 1 to [`limits::COPIES_MAX`].
    pub copies: u8,
    /// Equal results of own hosts that a verdict needs, 1 to [`limits::COPIES_MAX`].
    pub own_copies: u8,
    /// Its weight among jobs that have work, 1 to [`limits::PRIORITY_MAX`]: twice as much, twice as
    /// many units are leased.
    pub priority: u8,
    /// How long a lease lasts without a sign of life.
    pub deadline: Millis,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            copies: 2,
            own_copies: 1,
            priority: limits::PRIORITY_DEFAULT,
            deadline: limits::LEASE_DEFAULT,
        }
    }
}
