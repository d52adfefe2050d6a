//! One unit, from a task to the result in the spool. It is computed by the crew of all units, or, if
//! it is a suspect, by a crew of its own: if that dies, it is this unit that is to blame.
//!
//! A suspect is a unit with which a process died, and each part of a unit that failed.

use gleaner_shared::limits::{APART_TRIES, CRASHES_MAX};
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::{JobBrief, ResultHead, Returned};

use super::app::Failure;
#[cfg(any(test, feature = "sim"))]
use super::bench::Bench;
use super::crew::{Crew, Lost, Program};
use super::outcome::{Outcome, Stopped, failed};
use super::pipe::Errand;
#[cfg(any(test, feature = "sim"))]
use super::run::Run;
use super::task::{Made, Task};
use crate::disk::folder::Folder;
use crate::disk::spool::{Entry, Spool};
#[cfg(any(test, feature = "sim"))]
use crate::talk::span;

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Workshop {
    spool: Spool,
    means: Means,
}

/// Who computes.
#[derive(Debug)]
enum Means {
    /// Processes of this program: one for all units, and one for each suspect.
    Crews(Crew, Program),
    /// This process, if all apps are trusted: in tests and simulations.
    #[cfg(any(test, feature = "sim"))]
    Here(Bench),
}

impl Workshop {
    /// Of a data folder.
    pub(crate) fn new(folder: &Folder, program: Program) -> Self {
        let means = Means::Crews(Crew::new(program.clone()), program);
        Self { spool: Spool::new(folder), means }
    }

    /// That needs no other process, and takes no real time.
    #[cfg(any(test, feature = "sim"))]
    pub(crate) fn here(folder: &Folder) -> Self {
        Self { spool: Spool::new(folder), means: Means::Here(Bench::new(folder)) }
    }

    /// Does a unit. Whatever the app does, this returns.
    pub(crate) fn perform(&self, task: &Task) -> Made {
        if task.void.is_set() {
            return Made::Void;
        }
        if task.died >= CRASHES_MAX {
            let message = format!("the client died {} times with it in hand", task.died);
            let failure = Failure { class: FailureClass::Crashed, message };
            return self.made(task, Ok(failed(failure)));
        }
        let job = JobBrief::clone(&task.job);
        let errand = Errand { job, payload: task.payload, docs: task.docs };
        let done = match &self.means {
            Means::Crews(_, program) if task.is_suspect() => apart(program, &errand, task),
            Means::Crews(crew, _) => crew.perform(errand, &task.void),
            #[cfg(any(test, feature = "sim"))]
            Means::Here(bench) => {
                Ok(bench.perform(&errand, &Run::new(span(errand.job.deadline)), || {}))
            }
        };
        match done {
            Ok(outcome) => self.made(task, outcome),
            Err(Lost::Interrupted) => Made::Interrupted,
            Err(Lost::Unstarted(error)) => Made::Unstarted(error.to_string()),
            Err(Lost::Died(death)) if task.is_suspect() => Made::Unready(death.to_string()),
            Err(Lost::Died(death)) => Made::Died(death.to_string()),
        }
    }

    /// Ends the crew: there is no work now, and it takes memory.
    pub(crate) fn rest(&self) {
        match &self.means {
            Means::Crews(crew, _) => crew.rest(),
            #[cfg(any(test, feature = "sim"))]
            Means::Here(_) => {}
        }
    }

    fn made(&self, task: &Task, outcome: Outcome) -> Made {
        match outcome {
            Ok(_) if task.void.is_set() => Made::Void,
            Ok((returned, packed)) => self.spooled(task, returned, packed),
            Err(Stopped::Lacks(item)) => Made::Lacks(item),
            Err(Stopped::UnknownApp) => Made::UnknownApp,
            Err(Stopped::Unread(why)) => Made::Unread(why),
        }
    }

    fn spooled(&self, task: &Task, returned: Returned, packed: Vec<u8>) -> Made {
        let (job, payload) = (task.job.digest, task.payload.digest);
        let head = ResultHead { job, payload, docs: task.docs, returned };
        let entry = Entry { lease: task.lease, head };
        match self.spool.put(&entry, &packed) {
            Ok(name) => Made::Spooled(name, entry),
            Err(error) => Made::Kept { entry, packed, why: error.to_string() },
        }
    }
}

/// Lets crews do a unit that have nothing else to do, until one has said what came of it, or it
/// has ended one by itself.
fn apart(program: &Program, errand: &Errand, task: &Task) -> Result<Outcome, Lost> {
    tracing::debug!("unit {} is computed apart", task.lease);
    for tries in 1.. {
        let death = match Crew::new(program.clone()).perform(errand.clone(), &task.void) {
            Err(Lost::Died(death)) => death,
            done => return done,
        };
        tracing::debug!("unit {}: {death}", task.lease);
        if tries < APART_TRIES && death.may_be_from_outside() {
            continue;
        }
        return match death.had_begun {
            true => Ok(Ok(failed(death.failure()))),
            false => Err(Lost::Died(death)),
        };
    }
    Err(Lost::Interrupted)
}

#[cfg(test)]
#[path = "perform_tests.rs"]
mod tests;
