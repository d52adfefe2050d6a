//! The verdict of one unit: a pure function of its votes and of the copies that are still out.
//!
//! The order of votes means nothing, and nothing is decided for strangers while a copy that is out
//! could change it. Strangers may confirm an own host's result, never overrule it.

use gleaner_shared::limits::UNIT_RESULTS_MAX;
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::verdict::{Outcome, Settlement, UnitFailure};

use crate::event::Vote;

/// Copies of a unit that hosts still hold. A copy leased twice is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Out {
    /// Held by own hosts.
    pub(crate) own: usize,
    /// Held by strangers.
    pub(crate) strangers: usize,
}

/// What comes of a unit now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It ends.
    Settled(Settlement),
    /// It stays open and wants more copies, if hosts come that may take them.
    Open(Wants),
}

/// How many more copies a unit wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// With own hosts.
    pub(crate) own: usize,
    /// With strangers of other accounts.
    pub(crate) strangers: usize,
}

/// Judges a unit.
pub(crate) fn judge(policy: &Policy, votes: &[Vote], out: Out) -> Verdict {
    let own_copies = usize::from(policy.own_copies.max(1));
    let mut own_votes = of(votes, Standing::Own);
    let own_outcome = own_votes.next().map(|vote| vote.outcome);
    if own_votes.any(|vote| Some(vote.outcome) != own_outcome) {
        return Verdict::Settled(Settlement::Failed(UnitFailure::NotDeterministic));
    }
    let own_count = of(votes, Standing::Own).count();
    if let Some(outcome) = own_outcome
        && own_count >= own_copies
    {
        return Verdict::Settled(settlement(outcome));
    }

    let best = best_of_strangers(votes, own_outcome);
    let tally = Tally {
        copies: usize::from(policy.copies.max(1)),
        returned: of(votes, Standing::Stranger).count(),
        best: best.map_or(0, |(_, count)| count),
        out: out.strangers,
    };
    // An own host's copy that is out could outvote strangers: they wait for it.
    if out.own == 0 {
        if let Some((outcome, _)) = best
            && tally.is_decided()
        {
            return Verdict::Settled(settlement(outcome));
        }
        if out.strangers == 0 && votes.len() >= UNIT_RESULTS_MAX {
            return Verdict::Settled(Settlement::Failed(UnitFailure::NoMajority));
        }
    }
    let room = UNIT_RESULTS_MAX.saturating_sub(votes.len() + out.strangers);
    Verdict::Open(Wants {
        own: own_copies.saturating_sub(own_count + out.own),
        strangers: if out.own == 0 { tally.missing().min(room) } else { 0 },
    })
}

fn of(votes: &[Vote], standing: Standing) -> impl Iterator<Item = &Vote> {
    votes.iter().filter(move |vote| vote.host.standing == standing)
}

/// How a unit ends when this outcome wins.
fn settlement(outcome: Outcome) -> Settlement {
    match outcome {
        Outcome::Records(digest) => Settlement::Merged(digest),
        Outcome::Failed(class) => Settlement::Failed(UnitFailure::App(class)),
    }
}

/// The outcome that most strangers returned, of those that may win: any, or only the own hosts'.
/// Among equals the least, so that the order of votes means nothing.
fn best_of_strangers(votes: &[Vote], only: Option<Outcome>) -> Option<(Outcome, usize)> {
    let mut best: Option<(Outcome, usize)> = None;
    for vote in of(votes, Standing::Stranger) {
        if only.is_some_and(|outcome| outcome != vote.outcome) {
            continue;
        }
        let count =
            of(votes, Standing::Stranger).filter(|other| other.outcome == vote.outcome).count();
        if best
            .is_none_or(|(outcome, most)| count > most || (count == most && vote.outcome < outcome))
        {
            best = Some((vote.outcome, count));
        }
    }
    best
}

/// Strangers' numbers of one unit.
struct Tally {
    copies: usize,
    returned: usize,
    best: usize,
    out: usize,
}

impl Tally {
    /// Enough, and more than half even if every copy that is out says something else.
    fn is_decided(&self) -> bool {
        self.best >= self.copies && 2 * self.best > self.returned + self.out
    }

    /// The least number of further copies with which the best outcome could win.
    fn missing(&self) -> usize {
        let agreeing = self.best + self.out;
        let all = self.returned + self.out;
        // Least k with agreeing + k >= copies and 2 * (agreeing + k) > all + k.
        let for_copies = self.copies.saturating_sub(agreeing);
        let for_majority = (all + 1).saturating_sub(2 * agreeing);
        for_copies.max(for_majority)
    }
}

#[cfg(test)]
mod tests;
