//! The sample of a plan: slices spread evenly over the corpus, so many as time, bytes and rows allow.
//!
//! Their order is that of bit-reversed numbers (van der Corput): each beginning of it is spread
//! evenly as well, so the sample can end anywhere.

use core::time::Duration;
use std::time::Instant;

use gleaner_shared::limits::{
    PLAN_BYTES_MAX, PLAN_PATIENCE, PLAN_ROWS_MAX, PLAN_UNITS_MAX, REPLY_PATIENCE,
};
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::wire::admin::corpus::CorpusRow;
use gleaner_shared::wire::admin::plan::{TrialTable, TrialUnit};
use gleaner_shared::wire::admin::{Reply, Request};

use super::growth::Keys;
use super::piece::{Piece, Pieces, Program, pieces};
use crate::fault::Fault;
use crate::progress::{Mark, Progress};
use crate::talk::{self, Talk};

/// What was computed, and what the server made of it.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(super) pieces: Vec<Piece>,
    /// In how many pieces each key of each table stood.
    pub(super) keys: Vec<Keys>,
    /// Why pieces have no result.
    pub(crate) failures: Vec<String>,
    /// Whether it is all of the corpus.
    pub(crate) is_whole: bool,
    pub(super) trial: Vec<TrialTable>,
}

impl Sample {
    /// Documents that were computed.
    pub(crate) fn docs(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.docs).sum()
    }

    /// Their bytes.
    pub(crate) fn raw_bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.raw_bytes).sum()
    }

    /// What the app took for them, on one thread.
    pub(crate) fn took(&self) -> Duration {
        self.pieces.iter().map(|piece| piece.took).sum()
    }
}

/// Takes a sample of a corpus.
#[derive(Debug)]
pub(crate) struct Sampler<'a> {
    talk: &'a mut Talk,
    corpus: &'a CorpusRow,
    program: Program,
    progress: Progress,
    rows: u64,
    bytes: u64,
    /// With the slice's number, to merge them in the corpus's order.
    pieces: Vec<(u32, Piece)>,
    failures: Vec<String>,
}

/// Pieces that a corpus of few slices gives at least, if it has them: growth is told from several.
const PIECES_LEAST: u32 = 16;

impl<'a> Sampler<'a> {
    pub(crate) fn new(
        talk: &'a mut Talk,
        corpus: &'a CorpusRow,
        app: &'static dyn gleaner_apps::App,
        prepared: Box<dyn gleaner_apps::Prepared>,
        progress: Progress,
    ) -> Self {
        let program = Program { app, prepared: prepared.into() };
        let (pieces, failures) = (Vec::new(), Vec::new());
        Self { talk, corpus, program, progress, rows: 0, bytes: 0, pieces, failures }
    }

    /// Computes and tries until a bound is met, or all is done.
    pub(crate) async fn taken(mut self) -> Result<Sample, Fault> {
        let started = Instant::now();
        let most = PIECES_LEAST.div_ceil(self.corpus.slices.max(1)) as usize;
        let (mut asked, mut is_whole) = (0, true);
        for number in spread(self.corpus.slices) {
            let is_late = started.elapsed() >= Duration::from_millis(PLAN_PATIENCE.0);
            if is_late || self.is_enough(most) {
                break;
            }
            asked += 1;
            is_whole &= self.slice(number, most).await?;
        }
        is_whole &= asked == self.corpus.slices && self.failures.is_empty();
        self.pieces.sort_by_key(|(slice, _)| *slice);
        let trial = self.trial().await?;
        let pieces: Vec<Piece> = self.pieces.into_iter().map(|(_, piece)| piece).collect();
        let mut keys: Vec<Keys> =
            self.program.app.tables().iter().map(|_| Keys::default()).collect();
        for piece in &pieces {
            keys.iter_mut().zip(&piece.keys).for_each(|(keys, found)| keys.add(found));
        }
        Ok(Sample { pieces, keys, failures: self.failures, is_whole, trial })
    }

    fn is_enough(&self, most: usize) -> bool {
        self.rows >= PLAN_ROWS_MAX
            || self.bytes >= PLAN_BYTES_MAX
            || self.pieces.len() + self.failures.len() + most > PLAN_UNITS_MAX
    }

    /// Fetches and computes a slice; whether all of it.
    async fn slice(&mut self, number: u32, most: usize) -> Result<bool, Fault> {
        let corpus = self.corpus.name.clone();
        self.talk.ask(&Request::CorpusSlice { corpus, number }).await?;
        let Reply::Slice(facts) = self.talk.reply().await? else { return Err(talk::misfit()) };
        let mut bytes = vec![0; facts.len as usize];
        self.talk.receive_bytes(&mut bytes).await?;
        let computed = computed(self.program.clone(), facts, bytes, most).await;
        let Pieces { pieces, is_whole } = match computed {
            Ok(computed) => computed,
            Err(why) => Pieces { pieces: vec![Err(why)], is_whole: false },
        };
        for piece in pieces {
            match piece {
                Ok(piece) => {
                    self.rows += piece.rows.iter().sum::<u64>();
                    self.bytes += piece.raw_bytes;
                    self.pieces.push((number, piece));
                }
                Err(why) => self.failures.push(why),
            }
        }
        let total = PLAN_BYTES_MAX.min(self.corpus.raw_bytes).max(self.bytes);
        self.progress.set(Mark { done: self.bytes, total });
        Ok(is_whole)
    }

    /// Has the server merge the pieces, in the order of the corpus, as it will.
    async fn trial(&mut self) -> Result<Vec<TrialTable>, Fault> {
        let app = self.program.app.full_name();
        let units = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        self.talk.ask(&Request::PlanTrial { app, units }).await?;
        for (_, piece) in &mut self.pieces {
            let len = u32::try_from(piece.packed.len()).unwrap_or(u32::MAX);
            self.talk.send(&TrialUnit { raw_len: piece.raw_len, len }).await?;
            self.talk.send_bytes(&piece.packed).await?;
            self.progress.tick();
        }
        match self.talk.reply().await? {
            Reply::Trial(tables) => Ok(tables),
            _ => Err(talk::misfit()),
        }
    }
}

/// Computes beside this thread. An app that panics or does not end costs its pieces only.
async fn computed(
    program: Program,
    facts: PayloadFacts,
    bytes: Vec<u8>,
    most: usize,
) -> Result<Pieces, String> {
    let work = tokio::task::spawn_blocking(move || pieces(&program, &facts, &bytes, most));
    match tokio::time::timeout(Duration::from_millis(REPLY_PATIENCE.0), work).await {
        Ok(Ok(computed)) => computed,
        Ok(Err(_)) => Err("the app crashed".into()),
        Err(_) => Err(format!("the app took over {} s", REPLY_PATIENCE.0 / 1_000)),
    }
}

/// All numbers below a bound, each beginning of them spread evenly.
fn spread(count: u32) -> impl Iterator<Item = u32> {
    let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
    let all = 0..1_u64 << bits;
    let reversed =
        move |number: u64| number.reverse_bits().checked_shr(u64::BITS - bits).unwrap_or(0);
    all.map(reversed)
        .filter_map(move |number| u32::try_from(number).ok().filter(|one| *one < count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_comes_once_and_every_beginning_is_spread() {
        for count in [0_u32, 1, 2, 3, 5, 8, 1_000] {
            let mut all: Vec<u32> = spread(count).collect();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<u32>>(), "{count}");
        }
        assert_eq!(spread(8).collect::<Vec<u32>>(), [0, 4, 2, 6, 1, 5, 3, 7]);
        let mut few: Vec<u32> = spread(1_000).take(16).collect();
        few.sort_unstable();
        let widest = few.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(widest <= 128, "{few:?}");
    }
}
