//! What is done at which failpoint of one program: a deck of cards, shuffled by the seed. At each
//! start the program gets some; those that did not fire go back.

use std::collections::{BTreeSet, VecDeque};

use gleaner_tidy::{Failpoint, Refusal};

use crate::Chance;
use crate::journal::{Act, Fired};

/// Cards that a program has at once.
const HAND: usize = 5;
/// Cards among them that kill at a point at which the program never died.
const WANTED: usize = 2;
/// The latest hit at which a card fires at first; each time that it does not fire it is one less.
const HIT_MAX: u64 = 5;
/// How long a wait is, in milliseconds.
const WAIT_MS: (u64, u64) = (50, 700);
/// The point inside of an app, whose panic is a failed document.
const APP: &str = "client.app.document";
/// One thing that can be done.
#[derive(Clone, Debug)]
struct Card {
    point: String,
    act: Act,
    misses: u64,
}

/// All that can be done to a program.
#[derive(Debug)]
pub(super) struct Deck {
    waiting: VecDeque<Card>,
    hand: Vec<Card>,
    killed: BTreeSet<String>,
}

impl Deck {
    /// Of the points of `program`.
    pub(super) fn new(points: &[Failpoint], program: &str, chance: &mut Chance) -> Self {
        let mut cards = Vec::new();
        for point in points.iter().filter(|point| point.name.starts_with(program)) {
            for act in acts(point) {
                cards.push(Card { point: point.name.clone(), act, misses: 0 });
            }
        }
        chance.shuffle(&mut cards);
        // First, so that a short run too has documents that fail.
        cards.sort_by_key(|card| !(card.point == APP && card.act == Act::Panic));
        Self { waiting: cards.into(), hand: Vec::new(), killed: BTreeSet::new() }
    }

    /// The plan for the next start.
    pub(super) fn deal(&mut self, chance: &mut Chance) -> String {
        let back = self.hand.drain(..).map(|card| Card { misses: card.misses + 1, ..card });
        self.waiting.extend(back);
        // Points at which it never died come first, or a rare one would wait for ever.
        for _ in 0..WANTED {
            let is_wanted = |card: &Card| {
                let taken = self.hand.iter().any(|other| other.point == card.point);
                card.act == Act::Kill && !self.killed.contains(&card.point) && !taken
            };
            let at = self.waiting.iter().position(is_wanted);
            let card = at.and_then(|at| self.waiting.remove(at));
            self.hand.extend(card.map(|card| Card { misses: HIT_MAX, ..card }));
        }
        let mut passed = Vec::new();
        while self.hand.len() < HAND
            && let Some(card) = self.waiting.pop_front()
        {
            // One thing at a point.
            let taken = self.hand.iter().any(|other| other.point == card.point);
            if taken { passed.push(card) } else { self.hand.push(card) }
        }
        for card in passed.into_iter().rev() {
            self.waiting.push_front(card);
        }
        let rules = self.hand.iter().map(|card| {
            let hit = match card {
                // At the first hit in each process, those of split units too: down to one document.
                Card { point, act: Act::Panic, .. } if point == APP => 1,
                card => chance.between(1, HIT_MAX.saturating_sub(card.misses).max(1)),
            };
            let action = match card.act {
                Act::Kill => "kill".to_owned(),
                Act::Panic => "panic".to_owned(),
                Act::Eio => "eio".to_owned(),
                Act::Enospc => "enospc".to_owned(),
                Act::Wait => format!("wait:{}", chance.between(WAIT_MS.0, WAIT_MS.1)),
            };
            format!("{}={action}@{hit}", card.point)
        });
        rules.collect::<Vec<_>>().join(",")
    }

    /// A card has fired: it is the last one now.
    pub(super) fn fired(&mut self, fired: &Fired) {
        if fired.act == Act::Kill {
            self.killed.insert(fired.point.clone());
        }
        let is_it = |card: &Card| card.point == fired.point && card.act == fired.act;
        if let Some(at) = self.hand.iter().position(is_it) {
            let card = self.hand.remove(at);
            self.waiting.push_back(Card { misses: 0, ..card });
        }
    }

    /// The points at which the program died.
    pub(super) fn killed(&self) -> &BTreeSet<String> {
        &self.killed
    }
}

fn acts(point: &Failpoint) -> Vec<Act> {
    let mut acts = vec![Act::Kill, Act::Panic, Act::Wait];
    if point.refusal == Refusal::ByDisk {
        acts.extend([Act::Eio, Act::Enospc]);
    }
    acts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cards_come_those_first_that_kill_where_it_never_died() {
        let point = |name: &str| Failpoint {
            name: name.into(),
            file: String::new(),
            refusal: Refusal::ByDisk,
        };
        let points: Vec<Failpoint> = ["client.a", "client.b", "server.c"].map(point).into();
        let mut chance = Chance::new(1);
        let mut deck = Deck::new(&points, "client.", &mut chance);
        let plan = deck.deal(&mut chance);
        let kills = ["client.a=kill@1", "client.b=kill@1"];
        assert!(kills.iter().all(|kill| plan.contains(kill)), "{plan}");
        for point in ["client.a", "client.b"] {
            deck.fired(&Fired { point: point.into(), act: Act::Kill });
        }
        assert!(deck.hand.is_empty() && deck.killed().len() == 2);
        let mut seen = BTreeSet::new();
        for _ in 0..20 {
            let plan = deck.deal(&mut chance);
            assert_eq!(plan.split(',').count(), 2, "one thing at each point: {plan}");
            seen.extend(
                plan.split(',').map(|rule| rule.split(['@', ':']).next().map(str::to_owned)),
            );
        }
        assert_eq!(seen.len(), 10);
    }
}
