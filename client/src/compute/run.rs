//! Units that a crew has in hand: whether each is still wanted, which document it is at, and how much
//! computing that has had. Time is handed in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gleaner_shared::verdict::FailureClass;

use super::app::Failure;
use super::clock::Clock;
use super::task::Void;

/// A unit in hand.
#[derive(Debug)]
pub(crate) struct Run {
    void: Void,
    /// How much computing one document may take.
    limit: Duration,
    /// Of the thread that computes it, where there are such clocks.
    clock: OnceLock<Clock>,
    at: Mutex<At>,
}

/// The document that a unit is at.
#[derive(Debug, Default)]
struct At {
    document: Option<String>,
    /// The thread's clock when the document was first looked at.
    begun: Option<Duration>,
    spent: Duration,
}

impl Run {
    /// Of a job whose documents may take so long each.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { void: Void::default(), limit, clock: OnceLock::new(), at: Mutex::default() }
    }

    /// It is computed by the thread of that clock.
    pub(crate) fn has(&self, clock: Clock) {
        // A unit has one thread.
        let _set = self.clock.set(clock);
    }

    /// A document is begun. `false` if nobody wants it any more.
    pub(crate) fn begins(&self, document: &str) -> bool {
        self.with(|at| *at = At { document: Some(document.to_owned()), ..At::default() });
        !self.void.is_set()
    }

    /// The last document is done.
    pub(crate) fn ends(&self) {
        self.with(|at| at.document = None);
    }

    /// So much time has passed, all of it for this document if the thread has no clock; what is to be
    /// said if the document has had too much.
    fn late(&self, passed: Duration) -> Option<Failure> {
        self.with(|at| {
            let document = at.document.as_ref()?;
            at.spent = match self.clock.get().and_then(Clock::read) {
                Some(now) => now.saturating_sub(*at.begun.get_or_insert(now)),
                None => at.spent + passed,
            };
            (at.spent > self.limit).then(|| Failure {
                class: FailureClass::TimedOut,
                message: format!(
                    "document {document} takes longer than {} of computing, the job's deadline",
                    humantime::format_duration(self.limit)
                ),
            })
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut At) -> T) -> T {
        // Nothing in the lock can panic half way.
        act(&mut self.at.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All that a crew has in hand.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: BTreeMap<u64, Arc<Run>>,
    is_ending: bool,
}

impl Runs {
    /// One more, unless the process is about to end.
    pub(crate) fn begin(&mut self, number: u64, limit: Duration) -> Option<Arc<Run>> {
        let run = Arc::new(Run::new(limit));
        (!self.is_ending).then(|| self.runs.insert(number, run.clone()));
        (!self.is_ending).then_some(run)
    }

    /// One is done. `false` if it was given up before.
    pub(crate) fn end(&mut self, number: u64) -> bool {
        self.runs.remove(&number).is_some()
    }

    /// Nobody wants it any more.
    pub(crate) fn void(&self, number: u64) {
        if let Some(run) = self.runs.get(&number) {
            run.void.set();
        }
    }

    /// So much time has passed. Units whose document takes too long are given up, and the process
    /// takes no more.
    pub(crate) fn late(&mut self, passed: Duration) -> Vec<(u64, Failure)> {
        let late = |(number, run): (&u64, &Arc<Run>)| Some((*number, run.late(passed)?));
        let late: Vec<_> = self.runs.iter().filter_map(late).collect();
        for (number, _) in &late {
            self.runs.remove(number);
            self.is_ending = true;
        }
        late
    }

    /// Whether nothing is in hand.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);
    const STEP: Duration = Duration::from_secs(4);

    /// The numbers that are late after each step; before it, these units begin a document.
    fn check(begins: &[&[u64]], expected: &[&[u64]]) {
        let mut runs = Runs::default();
        let units: Vec<_> = (0..3).map(|number| runs.begin(number, LIMIT).unwrap()).collect();
        for (step, (begins, expected)) in begins.iter().zip(expected).enumerate() {
            for unit in *begins {
                assert!(units[usize::try_from(*unit).unwrap()].begins("x"));
            }
            let late: Vec<u64> = runs.late(STEP).into_iter().map(|(number, _)| number).collect();
            assert_eq!(late, *expected, "step {step}");
        }
    }

    #[test]
    fn a_document_may_take_so_long_and_no_longer() {
        check(&[&[0], &[], &[], &[]], &[&[], &[], &[0], &[]]);
        check(&[&[0, 1], &[2], &[], &[]], &[&[], &[], &[0, 1], &[2]]);
    }

    #[test]
    fn a_unit_may_take_as_long_as_its_documents_do() {
        check(&[&[0], &[0], &[0], &[0], &[0]], &[&[], &[], &[], &[], &[]]);
    }

    #[test]
    fn what_is_not_a_document_takes_no_time() {
        check(&[&[], &[], &[], &[]], &[&[], &[], &[], &[]]);
        let mut runs = Runs::default();
        let run = runs.begin(1, LIMIT).unwrap();
        run.begins("x");
        run.ends();
        assert!(runs.late(10 * STEP).is_empty());
    }

    #[test]
    fn after_one_that_is_late_nothing_is_begun() {
        let mut runs = Runs::default();
        let (slow, other) = (runs.begin(1, LIMIT).unwrap(), runs.begin(2, LIMIT).unwrap());
        slow.begins("PMC7");
        let late = runs.late(LIMIT + STEP);
        assert_eq!((late.len(), late[0].1.class), (1, FailureClass::TimedOut));
        assert!(late[0].1.message.contains("PMC7 takes longer than 10s of"), "{:?}", late[0]);
        assert!(runs.begin(3, LIMIT).is_none());
        assert!(!runs.end(1), "it was given up");
        assert!(other.begins("x") && !runs.is_empty());
        assert!(runs.end(2) && runs.is_empty());
    }

    #[test]
    fn a_void_unit_begins_no_document() {
        let mut runs = Runs::default();
        let run = runs.begin(1, LIMIT).unwrap();
        runs.void(1);
        assert!(!run.begins("x"));
    }
}
