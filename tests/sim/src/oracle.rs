//! The verdict rule a second time, written for reading only, so that the engine's is checked by
//! something that shares no line with it.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_engine::event::{Host, Vote};
use gleaner_shared::limits::UNIT_RESULTS_MAX;
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::verdict::{Outcome, Settlement, UnitFailure};

/// Whether a further copy with a host of this standing could be of use, while these hold copies.
pub(crate) fn is_wanted(policy: &Policy, votes: &[Vote], out: &[Host], standing: Standing) -> bool {
    let own_out = out.iter().filter(|host| host.standing == Standing::Own).count();
    let own = outcomes(votes, Standing::Own);
    if standing == Standing::Own {
        return own.len() + own_out < usize::from(policy.own_copies);
    }
    let strangers = outcomes(votes, Standing::Stranger);
    let strangers_out = out.len() - own_out;
    // If all who hold copies say the same as these have said, is that enough?
    let enough = |agree: usize| {
        let agree = agree + strangers_out;
        agree >= usize::from(policy.copies) && 2 * agree > strangers.len() + strangers_out
    };
    let may_win = |outcome: &Outcome| own.first().is_none_or(|own| own == outcome);
    let of = |outcome: &Outcome| strangers.iter().filter(|other| *other == outcome).count();
    let any =
        strangers.iter().filter(|outcome| may_win(outcome)).any(|outcome| enough(of(outcome)));
    own_out == 0 && votes.len() + out.len() < UNIT_RESULTS_MAX && !any && !enough(0)
}

/// What must become of a unit with these counted results while these hosts hold copies; `None` if
/// it must stay open.
pub(crate) fn expected(policy: &Policy, votes: &[Vote], out: &[Host]) -> Option<Settlement> {
    let own: Vec<Outcome> = outcomes(votes, Standing::Own);
    let strangers: Vec<Outcome> = outcomes(votes, Standing::Stranger);
    let own_says: BTreeSet<Outcome> = own.iter().copied().collect();
    let own_out = out.iter().any(|host| host.standing == Standing::Own);

    if own_says.len() > 1 {
        return Some(Settlement::Failed(UnitFailure::NotDeterministic));
    }
    if own.len() >= usize::from(policy.own_copies) {
        return own.first().copied().map(ending);
    }
    if own_out {
        return None;
    }
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for outcome in &strangers {
        *counts.entry(*outcome).or_default() += 1;
    }
    for (outcome, agree) in counts {
        // All who have said something else, and all who still could.
        let against = strangers.len() - agree + out.len();
        let contradicts_own = !own_says.is_empty() && !own_says.contains(&outcome);
        if agree >= usize::from(policy.copies) && agree > against && !contradicts_own {
            return Some(ending(outcome));
        }
    }
    if out.is_empty() && votes.len() >= UNIT_RESULTS_MAX {
        return Some(Settlement::Failed(UnitFailure::NoMajority));
    }
    None
}

fn outcomes(votes: &[Vote], standing: Standing) -> Vec<Outcome> {
    votes.iter().filter(|vote| vote.host.standing == standing).map(|vote| vote.outcome).collect()
}

fn ending(outcome: Outcome) -> Settlement {
    match outcome {
        Outcome::Records(digest) => Settlement::Merged(digest),
        Outcome::Failed(class) => Settlement::Failed(UnitFailure::App(class)),
    }
}
