//! A job's status in words: a block for people, a line for logs.

use gleaner_shared::wire::admin::job::{JobStatus, Phase};

use crate::escape::escaped;
use crate::show;

/// A phase in a word.
pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "running",
        Phase::Paused => "paused",
        Phase::Finishing => "finishing",
        Phase::Done => "done",
        Phase::Cancelled => "cancelled",
    }
}

/// `41,207 of 60,000 units merged (68 %)`.
fn merged(job: &JobStatus) -> String {
    let percent = u128::from(job.merged) * 100 / u128::from(job.units.max(1));
    let (merged, units) = (show::count(job.merged), show::count(job.units));
    format!("{merged} of {units} units merged ({percent} %)")
}

/// All that people want to know; `now` in seconds since 1970 UTC.
pub(super) fn block(job: &JobStatus, now_unix_seconds: i64) -> String {
    let until = job.done_at_unix_seconds.unwrap_or(now_unix_seconds);
    let age = show::span(show::between(job.submitted_at_unix_seconds, until));
    let name = escaped(&job.name);
    let mut text = format!(
        "{name}\n  {} {age}, {}\n  checking {}  at hosts {}  waiting {}  failed {}\n",
        phase(job.phase),
        merged(job),
        show::count(job.checking),
        show::count(job.leased),
        show::count(job.waiting),
        show::count(job.failed),
    );
    let policy = job.policy;
    let lease = core::time::Duration::from_millis(policy.deadline.0);
    text.push_str(&show::facts([
        ("app", job.app.clone()),
        ("corpus", job.corpus.clone()),
        ("copies", format!("{}, on own hosts {}", policy.copies, policy.own_copies)),
        ("priority", policy.priority.to_string()),
        ("lease", show::span(lease)),
        ("submitted", show::moment(job.submitted_at_unix_seconds)),
    ]));
    if job.failed > 0 {
        text.push_str(&format!("  see: gleaner-admin job errors {name}\n"));
    }
    text
}

/// One line, for a log.
pub(super) fn line(job: &JobStatus) -> String {
    format!(
        "{}  {}  {}, {} at hosts, {} failed",
        escaped(&job.name),
        phase(job.phase),
        merged(job),
        show::count(job.leased),
        show::count(job.failed)
    )
}

/// The last line: `demo  25 of 25 units merged, 0 failed, in 14 s`.
pub(super) fn last_line(job: &JobStatus) -> String {
    let (merged, units) = (show::count(job.merged), show::counted(job.units, "unit"));
    let mut line = format!(
        "{}  {}  {merged} of {units} merged, {} failed",
        escaped(&job.name),
        phase(job.phase),
        show::count(job.failed)
    );
    if let Some(done_at) = job.done_at_unix_seconds {
        let span = show::between(job.submitted_at_unix_seconds, done_at);
        line.push_str(&format!(", in {}", show::span(span)));
    }
    line
}

#[cfg(test)]
mod tests {
    use gleaner_shared::policy::Policy;

    use super::*;

    fn job() -> JobStatus {
        JobStatus {
            name: "cord19-mesh".into(),
            digest: "ab".repeat(32),
            app: "ontology-match@1".into(),
            corpus: "cord19".into(),
            phase: Phase::Running,
            policy: Policy::default(),
            units: 60_000,
            merged: 41_207,
            failed: 17,
            leased: 903,
            checking: 1_861,
            waiting: 16_012,
            submitted_at_unix_seconds: 1_000,
            done_at_unix_seconds: None,
        }
    }

    #[test]
    fn a_block_tells_states_and_what_to_do() {
        let text = block(&job(), 1_000 + 7_560);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "cord19-mesh");
        assert_eq!(lines[1], "  running 2 h 6 min, 41,207 of 60,000 units merged (68 %)");
        assert_eq!(lines[2], "  checking 1,861  at hosts 903  waiting 16,012  failed 17");
        assert_eq!(lines.last(), Some(&"  see: gleaner-admin job errors cord19-mesh"));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn an_end_is_one_line() {
        let done = JobStatus {
            phase: Phase::Done,
            units: 25,
            merged: 25,
            failed: 0,
            done_at_unix_seconds: Some(1_014),
            ..job()
        };
        assert_eq!(last_line(&done), "cord19-mesh  done  25 of 25 units merged, 0 failed, in 14 s");
        assert_eq!(line(&job()).lines().count(), 1);
    }

    #[test]
    fn no_number_breaks_it() {
        let job = JobStatus {
            units: 0,
            merged: u64::MAX,
            submitted_at_unix_seconds: i64::MIN,
            done_at_unix_seconds: Some(i64::MAX),
            ..job()
        };
        assert!(!block(&job, 0).is_empty() && !last_line(&job).is_empty());
    }
}
