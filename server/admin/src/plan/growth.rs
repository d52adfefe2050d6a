//! How many keys a whole corpus has, told from the keys of a sample.
//!
//! In how many pieces each key stood gives the growth of their number from one piece to all of the
//! sample, without the accident of an order (rarefaction: Hurlbert, 1971). That curve is then gone on
//! with, by the one of two laws that would have told the second half of it from the first.

use std::collections::HashMap;

/// In how many pieces of a sample each key stood. Keys are kept as hashes of 64 bits: among a
/// million the chance that two are one is 1 in 37 million.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<u64, u32>);

impl Keys {
    /// The keys of one more piece, each once.
    pub(super) fn add(&mut self, keys: &[u64]) {
        for key in keys {
            *self.0.entry(*key).or_default() += 1;
        }
    }

    /// How many keys `wanted` pieces would have, if `pieces` of them gave these.
    pub(super) fn grown(&self, pieces: u32, wanted: f64) -> f64 {
        let found = self.0.len() as f64;
        if self.0.is_empty() || pieces == 0 || wanted <= f64::from(pieces) {
            return found;
        }
        let curve = self.curve(pieces);
        let law = Law::fitted(&curve);
        let ratio = law.at(wanted) / law.at(f64::from(pieces));
        // Never less than there are, never faster than from nothing.
        (found * ratio).clamp(found, found * wanted / f64::from(pieces))
    }

    /// The mean number of keys of 1, 2, … of the pieces.
    fn curve(&self, pieces: u32) -> Vec<f64> {
        let mut counts = vec![0_u32; pieces as usize + 1];
        for times in self.0.values() {
            counts[(*times).min(pieces) as usize] += 1;
        }
        let seen = |drawn: u32| {
            let keys = counts.iter().zip(0..).filter(|(count, _)| **count > 0);
            keys.map(|(count, times)| f64::from(*count) * (1.0 - missed(pieces, times, drawn)))
                .sum()
        };
        (1..=pieces).map(seen).collect()
    }
}

/// The chance that none of `drawn` pieces is among the `times` that have a key.
fn missed(pieces: u32, times: u32, drawn: u32) -> f64 {
    if times + drawn > pieces {
        return 0.0;
    }
    let left = f64::from(pieces - drawn);
    (0..times).map(f64::from).map(|at| (left - at) / (f64::from(pieces) - at)).product()
}

/// How a curve goes on.
#[derive(Clone, Copy, Debug)]
enum Law {
    /// Keys of all degrees of rareness, as words are (Heaps, 1978): `factor * pieces ^ power`.
    Open { factor: f64, power: f64 },
    /// Keys of a set that comes to an end (Chao, 1984): of those `unseen` in `pieces`, each further
    /// piece finds the part `rate`.
    Closed { seen: f64, unseen: f64, rate: f64, pieces: f64 },
}

/// The power that a single piece is given: between Heaps' for words (0.5) and no repetition (1).
const POWER_UNKNOWN: f64 = 0.75;

impl Law {
    /// The law that, told from half of the pieces, comes nearer to what all of them gave.
    fn fitted(curve: &[f64]) -> Self {
        let half = &curve[..curve.len().div_ceil(2)];
        let (pieces, found) = (curve.len() as f64, curve[curve.len() - 1]);
        let off = |law: Self| (law.at(pieces) / found - 1.0).abs();
        match off(Self::closed(half)) < off(Self::open(half)) {
            true => Self::closed(curve),
            false => Self::open(curve),
        }
    }

    /// By least squares over the logarithms.
    fn open(curve: &[f64]) -> Self {
        let points = || (1..).map(|at: u32| f64::from(at).ln()).zip(curve.iter().map(|k| k.ln()));
        let count = curve.len() as f64;
        let mean_x = points().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points().map(|(_, y)| y).sum::<f64>() / count;
        let spread: f64 = points().map(|(x, _)| (x - mean_x).powi(2)).sum();
        let slope: f64 = points().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let power = if spread > 0.0 { (slope / spread).clamp(0.0, 1.0) } else { POWER_UNKNOWN };
        Self::Open { factor: (mean_y - power * mean_x).exp(), power }
    }

    /// From the keys that stood in one piece and in two, which are the curve's first and second
    /// difference at its end.
    fn closed(curve: &[f64]) -> Self {
        let [.., a, b, seen] = *curve else {
            return Self::open(curve);
        };
        let pieces = curve.len() as f64;
        let once = pieces * (seen - b);
        let twice = pieces * (pieces - 1.0) / 2.0 * ((b - a) - (seen - b));
        if once <= 0.0 {
            return Self::Closed { seen, unseen: 0.0, rate: 0.0, pieces };
        }
        if twice <= 0.0 {
            return Self::open(curve);
        }
        let unseen = once * once / (2.0 * twice);
        Self::Closed { seen, unseen, rate: once / (pieces * unseen + once), pieces }
    }

    fn at(self, wanted: f64) -> f64 {
        match self {
            Self::Open { factor, power } => factor * wanted.powf(power),
            Self::Closed { seen, unseen, rate, pieces } => {
                seen + unseen * (1.0 - (1.0 - rate).powf((wanted - pieces).max(0.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws with a chance for each key, from a seed.
    struct Draws(u64);

    impl Draws {
        fn unit(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// Keys of pieces of so many draws, each draw made of a number in 0..1.
    fn keys(pieces: u32, draws: u32, seed: u64, key: impl Fn(f64) -> u64) -> Keys {
        let (mut keys, mut from) = (Keys::default(), Draws(seed));
        for _ in 0..pieces {
            let mut piece: Vec<u64> = (0..draws).map(|_| key(from.unit())).collect();
            piece.sort_unstable();
            piece.dedup();
            keys.add(&piece);
        }
        keys
    }

    /// What a sample of `part` pieces foretells for `whole` is at most so far off, in percent.
    fn check(key: impl Fn(f64) -> u64 + Copy, (part, whole): (u32, u32), percent: f64) {
        let wanted = keys(whole, 500, 7, key).0.len() as f64;
        let told = keys(part, 500, 7, key).grown(part, f64::from(whole));
        let off = 100.0 * (told / wanted - 1.0).abs();
        assert!(off <= percent, "{part} of {whole}: {told:.0} foretold, {wanted} there are");
    }

    /// Words of a text: the chance of a word falls with its rank (Zipf).
    fn word(chance: f64) -> u64 {
        (1.0 - chance).powf(-1.2) as u64
    }

    #[test]
    fn keys_of_a_small_set_are_soon_all_found() {
        check(|chance| (chance * 3_000.0) as u64, (40, 1_000), 2.0);
        check(|chance| (chance * 30_000.0) as u64, (32, 1_000), 6.0);
    }

    #[test]
    fn keys_of_one_piece_each_grow_with_the_pieces() {
        check(|chance| (chance * 1.0e15) as u64, (10, 400), 2.0);
    }

    #[test]
    fn words_grow_as_heaps_says() {
        check(word, (16, 64), 10.0);
        check(word, (32, 1_000), 20.0);
    }

    #[test]
    fn a_sample_that_is_all_is_counted() {
        let all = keys(9, 500, 3, word);
        assert_eq!(all.grown(9, 9.0), all.0.len() as f64);
        assert_eq!(Keys::default().grown(9, 100.0), 0.0);
        let one = keys(1, 500, 3, word);
        assert!(one.grown(1, 100.0) > one.0.len() as f64);
    }
}
