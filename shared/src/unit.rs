//! Units: the smallest thing that is leased, validated and merged.

use crate::id::JobId;

/// Consecutive documents of one slice, by position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct DocRange {
    /// The first document's position in the slice, from 0.
    pub first: u32,
    /// How many documents, at least 1.
    pub count: u32,
}

impl DocRange {
    /// The position after the last document.
    pub const fn end(self) -> u32 {
        self.first.saturating_add(self.count)
    }
}

/// One job on consecutive whole documents of one slice; at first all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct UnitKey {
    /// The job.
    pub job: JobId,
    /// The slice's number in its corpus, from 0 in the order of intake.
    pub slice: u32,
    /// Which of the slice's documents.
    pub docs: DocRange,
}
