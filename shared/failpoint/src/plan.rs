//! What is to happen at which point, read from one line of text. Pure.
//!
//! `POINT=ACTION@HIT` for the hit with that number, `POINT=ACTION@HITxCOUNT` for so many from it on;
//! separated by commas. Actions: `kill`, `panic`, `eio`, `enospc`, `wait:MILLISECONDS`.

use std::time::Duration;

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// The process ends at once, as by `kill -9`.
    Kill,
    /// The task panics.
    Panic,
    /// The disk fails.
    Eio,
    /// The disk is full.
    Enospc,
    /// Nothing goes on for a while.
    Wait(Duration),
}

/// One rule of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    point: String,
    action: Action,
    first: u64,
    count: u64,
}

/// All rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan(Vec<Rule>);

impl Plan {
    /// Reads a plan; none if it has a mistake.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let rules = text.split(',').filter(|rule| !rule.is_empty());
        rules.map(rule).collect::<Option<_>>().map(Self)
    }

    /// What happens at this hit of a point.
    pub(crate) fn action(&self, point: &str, hit: u64) -> Option<Action> {
        let meets = |rule: &&Rule| {
            rule.point == point && hit >= rule.first && hit - rule.first < rule.count
        };
        self.0.iter().find(meets).map(|rule| rule.action)
    }
}

fn rule(text: &str) -> Option<Rule> {
    let (point, rest) = text.split_once('=')?;
    let (action, hits) = rest.split_once('@')?;
    let (first, count) = hits.split_once('x').unwrap_or((hits, "1"));
    let action = match action {
        "kill" => Action::Kill,
        "panic" => Action::Panic,
        "eio" => Action::Eio,
        "enospc" => Action::Enospc,
        wait => Action::Wait(Duration::from_millis(wait.strip_prefix("wait:")?.parse().ok()?)),
    };
    Some(Rule {
        point: point.to_owned(),
        action,
        first: first.parse().ok()?,
        count: count.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_holds_for_its_hits_only() {
        let plan = Plan::read("a=kill@2,b=wait:30@1x2").unwrap();
        let at = |point, hit| plan.action(point, hit);
        assert_eq!([at("a", 1), at("a", 2), at("a", 3)], [None, Some(Action::Kill), None]);
        let wait = Some(Action::Wait(Duration::from_millis(30)));
        assert_eq!([at("b", 1), at("b", 2), at("b", 3), at("c", 1)], [wait, wait, None, None]);
    }

    #[test]
    fn a_mistake_is_no_plan() {
        for text in ["a", "a=kill", "a=stop@1", "a=kill@x", "a=wait:@1", "a=kill@1x"] {
            assert_eq!(Plan::read(text), None, "{text}");
        }
        assert_eq!(Plan::read(""), Some(Plan::default()));
    }
}
