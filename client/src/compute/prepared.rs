//! Jobs made ready once (parameters read, dictionary loaded) and shared by all threads. The least
//! recently used ones are dropped.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gleaner_shared::id::Digest;
use gleaner_shared::limits::PREPARED_JOBS_MAX;
use gleaner_shared::wire::work::JobBrief;

use super::app::{Ready, Unready};

/// What decides how a job is prepared. Two jobs on two corpora may share it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    app: String,
    params: Vec<(String, String)>,
    data: Option<Digest>,
}

type Slot = OnceLock<Result<Arc<Ready>, Unready>>;

/// The jobs that are ready, the latest used last.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    slots: Mutex<VecDeque<(Key, Arc<Slot>)>>,
}

impl Prepared {
    /// The job, made ready by the first who asks; the others wait for it.
    pub(crate) fn of(
        &self,
        job: &JobBrief,
        make: impl FnOnce() -> Result<Arc<Ready>, Unready>,
    ) -> Result<Arc<Ready>, Unready> {
        let key = Key {
            app: job.app.clone(),
            params: job.params.clone(),
            data: job.data.map(|data| data.digest),
        };
        let slot = self.slot(&key);
        let made = slot.get_or_init(make).clone();
        if made.as_ref().is_err_and(Unready::passes) {
            self.with(|slots| slots.retain(|(other, _)| *other != key));
        }
        made
    }

    fn slot(&self, key: &Key) -> Arc<Slot> {
        self.with(|slots| {
            let at = slots.iter().position(|(other, _)| other == key);
            let entry = at.and_then(|at| slots.remove(at));
            let entry = entry.unwrap_or_else(|| (key.clone(), Arc::default()));
            let slot = entry.1.clone();
            slots.push_back(entry);
            if slots.len() > PREPARED_JOBS_MAX {
                slots.pop_front();
            }
            slot
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<(Key, Arc<Slot>)>) -> T) -> T {
        // Nothing in the lock can panic half way; a poisoned lock holds a good list.
        act(&mut self.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use gleaner_shared::measure::Millis;

    use super::*;

    fn job(app: &str) -> JobBrief {
        JobBrief {
            digest: Digest([0; 32]),
            name: app.into(),
            app: app.into(),
            params: Vec::new(),
            data: None,
            deadline: Millis(1),
        }
    }

    /// Asks for the apps in order; an upper-case letter passes, others stay. Counts the makings.
    fn check(asked: &str, makings: usize) {
        let (prepared, mut made) = (Prepared::default(), 0);
        for letter in asked.chars() {
            let unready = match letter.is_uppercase() {
                true => Unready::Lacks,
                false => Unready::UnknownApp,
            };
            let result = prepared.of(&job(&letter.to_string()), || {
                made += 1;
                Err(unready)
            });
            assert!(result.is_err());
        }
        assert_eq!(made, makings, "{asked}");
    }

    #[test]
    fn a_job_is_made_ready_once() {
        check("aaabab", 2);
    }

    #[test]
    fn the_least_recently_used_makes_room() {
        check("abcdabcd", 4);
        check("abcdeb", 5);
        check("abcdea", 6);
    }

    #[test]
    fn what_passes_is_tried_again() {
        check("AA", 2);
    }
}
