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

    /// The two halves of more than one document, which cover it exactly.
    pub const fn halves(self) -> Option<[Self; 2]> {
        if self.count < 2 {
            return None;
        }
        let count = self.count / 2;
        let left = Self { first: self.first, count };
        Some([left, Self { first: left.end(), count: self.count - count }])
    }

    /// Whether these, one after the other, are exactly the documents of this one.
    pub fn is_covered_by(self, parts: &[Self]) -> bool {
        let mut next = self.first;
        for part in parts {
            if part.first != next || part.count == 0 {
                return false;
            }
            next = part.end();
        }
        !parts.is_empty() && next == self.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_cover_what_they_are_made_of_and_end_at_one_document() {
        for count in 0..200 {
            let whole = DocRange { first: 7, count };
            let Some(halves) = whole.halves() else {
                assert!(count < 2);
                continue;
            };
            assert!(whole.is_covered_by(&halves), "{halves:?}");
            assert!(halves.iter().all(|half| half.count < count), "{halves:?}");
        }
    }

    #[test]
    fn a_gap_an_overlap_or_too_much_covers_nothing() {
        let whole = DocRange { first: 2, count: 4 };
        let covers = |parts: &[(u32, u32)]| {
            let parts = parts.iter().map(|&(first, count)| DocRange { first, count });
            whole.is_covered_by(&parts.collect::<alloc::vec::Vec<_>>())
        };
        assert!(covers(&[(2, 1), (3, 3)]) && covers(&[(2, 4)]));
        for wrong in [
            &[][..],
            &[(2, 1), (4, 2)],
            &[(2, 2), (3, 3)],
            &[(2, 2), (4, 3)],
            &[(2, 2), (4, 1)],
            &[(2, 4), (6, 0)],
            &[(4, 2), (2, 2)],
            &[(1, 5)],
        ] {
            assert!(!covers(wrong), "{wrong:?}");
        }
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
