//! The operator: submits jobs until they are on disk, pauses, resumes, cancels, retries what failed.

use gleaner_engine::effect::JobState;
use gleaner_engine::event::Event;
use gleaner_shared::measure::{Millis, Time};

use crate::message::Happening;
use crate::world::World;

/// How often a job that is done is retried.
const RETRIES: u8 = 2;

/// What the operator knows of a job of his.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    /// In which life of the server he submitted it last.
    submitted: Option<u32>,
    retried: u8,
}

impl World {
    pub(crate) fn operate(&mut self) {
        for number in 0..self.setup.jobs.len() {
            self.look_after(number);
        }
        self.agenda.put(Millis(2_000), Happening::Operator);
    }

    fn look_after(&mut self, number: usize) {
        let plan = &self.setup.jobs[number];
        let (job, policy, slices) = (plan.job, plan.policy, plan.slices);
        let (pauses, cancels) = (plan.pauses, plan.cancels);
        let due = self.agenda.now() >= Time(plan.opens.0);
        let Some(row) = self.store.jobs.get(&job).copied() else {
            let life = self.driver.life;
            if due && self.is_up() && self.orders[number].submitted != Some(life) {
                self.orders[number].submitted = Some(life);
                self.push(Event::JobOpened { job, policy, slices });
            }
            return;
        };
        match row.state {
            JobState::Running if self.is_healed => {}
            JobState::Running if self.rng.chance(pauses) => {
                self.meet("paused");
                self.push(Event::JobPaused(job));
            }
            JobState::Running if self.rng.chance(cancels) => {
                self.meet("cancelled");
                self.push(Event::JobCancelled(job));
            }
            JobState::Running if row.failed > 0 && self.rng.chance(self.faults.retries) => {
                self.meet("retried while it runs");
                let units = self.store.failed_units(job);
                self.push(Event::JobRetried { job, units });
            }
            JobState::Paused if self.is_healed || self.rng.chance(300) => {
                self.push(Event::JobResumed(job));
            }
            JobState::Done if row.failed > 0 && self.orders[number].retried < RETRIES => {
                self.meet("retried when it is done");
                self.orders[number].retried += 1;
                let units = self.store.failed_units(job);
                self.push(Event::JobRestored { job, row });
                self.push(Event::JobRetried { job, units });
            }
            _ => {}
        }
    }
}
