//! The one source of chance in a proof: a seed that is printed, so that a run can be repeated.
//!
//! Real processes do not repeat exactly; the decisions of the proof do.

/// A stream of numbers from a seed: splitmix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }

    /// One of these; there has to be one.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let last = of.len().saturating_sub(1) as u64;
        of[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }

    /// In another order.
    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            let other = usize::try_from(self.between(0, at as u64)).unwrap_or(0);
            of.swap(at, other);
        }
    }
}
