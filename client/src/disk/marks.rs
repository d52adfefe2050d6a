//! Marks: what became of each unit of a grant, appended beside it. Pure form; `grants` has the files.
//!
//! A mark is 8 bytes: what, 0, index (u16, little-endian), and 4 bytes of a checksum. A process that
//! is killed loses none; a power cut may cut off the last ones or leave other bytes, which are
//! passed over: then a unit is at worst done once more.

use gleaner_shared::digest::digest;

/// Bytes of one.
pub(crate) const MARK_BYTES: usize = 8;

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is about to be computed.
    Started,
    /// It was put back, whole: its computing did not end the process.
    PutBack,
    /// It is done, void or handed back.
    Ended,
}

/// What the marks of one unit say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// To be done; so many times the process died with it in hand.
    Open {
        /// Starts without an end.
        died: u32,
    },
    /// Nothing is to be done.
    Ended,
}

impl Mark {
    /// The mark as it is appended.
    pub(crate) fn encode(self, index: u16) -> [u8; MARK_BYTES] {
        let what = match self {
            Self::Started => 1,
            Self::PutBack => 2,
            Self::Ended => 3,
        };
        let [low, high] = index.to_le_bytes();
        let said = [what, 0, low, high];
        let sum = digest(&said).0;
        [what, 0, low, high, sum[0], sum[1], sum[2], sum[3]]
    }

    fn decode(bytes: &[u8; MARK_BYTES]) -> Option<(Self, u16)> {
        let mark = match bytes[0] {
            1 => Self::Started,
            2 => Self::PutBack,
            3 => Self::Ended,
            _ => return None,
        };
        let index = u16::from_le_bytes([bytes[2], bytes[3]]);
        (mark.encode(index) == *bytes).then_some((mark, index))
    }
}

/// What a file of marks says of each of so many units.
pub(crate) fn past(bytes: &[u8], units: usize) -> Vec<Past> {
    let mut past = vec![Past::Open { died: 0 }; units];
    let marks = bytes.as_chunks::<MARK_BYTES>().0.iter().filter_map(Mark::decode);
    for (mark, index) in marks {
        let Some(unit) = past.get_mut(usize::from(index)) else { continue };
        *unit = match (*unit, mark) {
            (Past::Ended, _) | (_, Mark::Ended) => Past::Ended,
            (Past::Open { died }, Mark::Started) => Past::Open { died: died.saturating_add(1) },
            (Past::Open { died }, Mark::PutBack) => Past::Open { died: died.saturating_sub(1) },
        };
    }
    past
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s`tarted, put `b`ack, `e`nded, each for unit 0 of 2.
    fn check(marks: &str, expected: Past) {
        let mut bytes = Vec::new();
        for letter in marks.chars() {
            let mark = match letter {
                's' => Mark::Started,
                'b' => Mark::PutBack,
                _ => Mark::Ended,
            };
            bytes.extend_from_slice(&mark.encode(0));
        }
        assert_eq!(past(&bytes, 2), [expected, Past::Open { died: 0 }], "{marks}");
    }

    #[test]
    fn starts_without_an_end_are_counted() {
        check("", Past::Open { died: 0 });
        check("s", Past::Open { died: 1 });
        check("sss", Past::Open { died: 3 });
        check("ssb", Past::Open { died: 1 });
        check("sbsbs", Past::Open { died: 1 });
    }

    #[test]
    fn what_has_ended_stays_ended() {
        check("se", Past::Ended);
        check("e", Past::Ended);
        check("sesb", Past::Ended);
    }

    #[test]
    fn damage_is_passed_over() {
        let mut bytes = Mark::Started.encode(1).to_vec();
        bytes.extend_from_slice(&[0xff; MARK_BYTES]);
        bytes.extend_from_slice(&Mark::Ended.encode(0));
        bytes.extend_from_slice(&Mark::Ended.encode(1)[..5]);
        assert_eq!(past(&bytes, 2), [Past::Ended, Past::Open { died: 1 }]);
        for bit in 0..8 * MARK_BYTES {
            let mut bytes = Mark::Ended.encode(0);
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(past(&bytes, 1), [Past::Open { died: 0 }], "bit {bit}");
        }
        assert_eq!(past(&Mark::Ended.encode(9), 1), [Past::Open { died: 0 }]);
    }
}
