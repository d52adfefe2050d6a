//! A program under chaos: what its failpoints are to do, what they did, and whether it may end.

use std::time::Instant;

use anyhow::Result;
use gleaner_tidy::Failpoint;

use super::deck::Deck;
use crate::journal::{Act, Fired, Journal};
use crate::process::Ended;
use crate::{Chance, World};

/// The signal of `abort`, with which a failpoint kills.
const ABORTED: i32 = 6;

/// See the file's head.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) name: String,
    journal: Journal,
    deck: Deck,
    /// What was done to it in its present life.
    suffered: Vec<Fired>,
    /// Until when it is frozen.
    pub(super) frozen: Option<Instant>,
}

impl Actor {
    pub(super) fn new(
        world: &World,
        (name, program): (&str, &str),
        points: &[Failpoint],
        chance: &mut Chance,
    ) -> Self {
        Self {
            name: name.to_owned(),
            journal: Journal::new(world.journal(name)),
            deck: Deck::new(points, program, chance),
            suffered: Vec::new(),
            frozen: None,
        }
    }

    /// What was done at its failpoints since the last time.
    pub(super) fn news(&mut self) -> Result<Vec<Fired>> {
        let news = self.journal.news()?;
        for fired in &news {
            self.deck.fired(fired);
        }
        self.suffered.extend(news.iter().cloned());
        Ok(news)
    }

    /// The plan of its next life.
    pub(super) fn plan(&mut self, chance: &mut Chance) -> String {
        self.suffered.clear();
        self.frozen = None;
        self.deck.deal(chance)
    }

    /// Whether it had to end so after what was done to it. A program whose task panicked, or that was
    /// refused its disk while it began, says so and ends.
    pub(super) fn may_end(&self, ended: Ended) -> bool {
        let suffered = |acts: &[Act]| self.suffered.iter().any(|fired| acts.contains(&fired.act));
        match ended {
            Ended::Signal(ABORTED) => suffered(&[Act::Kill]),
            Ended::Signal(_) => false,
            Ended::Code(_) => suffered(&[Act::Panic, Act::Eio, Act::Enospc]),
        }
    }

    /// Points that it has reached, and those at which it died.
    pub(super) fn reached(&self) -> (Vec<String>, Vec<String>) {
        let reached = self.journal.reached().into_iter().collect();
        (reached, self.deck.killed().iter().cloned().collect())
    }
}
