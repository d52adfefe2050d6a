//! From the logs of clients: no unit was computed again after the server had acknowledged its result.
//!
//! A client logs when a result is in its spool and how long that took, and each receipt. A result is
//! named after its unit, so all clients call it the same. All of them run on this machine's clock.
//! Only `job retry` has units done again, those that failed: it is told here when that was asked.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use jiff::Timestamp;

use crate::Client;

/// A host may begin while the word that the unit is settled is on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// Which receipts say that a unit is not to be done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Final {
    /// All: those of own hosts, whose results always count.
    All,
    /// `Kept`: a volunteer's result that comes after its lease is `Late`, and its unit may come back.
    Kept,
}

/// Looks through all that the clients have logged; gives how many results were acknowledged.
///
/// # Errors
/// If a unit was computed after its receipt without a retry between, or the logs do not tell.
pub(crate) fn none_computed_after_its_receipt(
    clients: &[Client<'_>],
    (last, retries): (Final, &[Timestamp]),
) -> Result<usize> {
    let said: Vec<String> = clients.iter().map(Client::said).collect();
    check(said.iter().flat_map(|said| said.lines()), (last, retries))
}

fn check<'a>(
    lines: impl Iterator<Item = &'a str>,
    (last, retries): (Final, &[Timestamp]),
) -> Result<usize> {
    let (mut receipts, mut begun) = (BTreeMap::new(), Vec::new());
    for line in lines {
        match read(line) {
            Some((_, _, What::Receipt(Word::Other))) if last == Final::Kept => {}
            Some((at, name, What::Receipt(_))) => {
                let first = receipts.entry(name).or_insert(at);
                *first = at.min(*first);
            }
            Some((at, name, What::Spooled(took))) => begun.push((at - took, name)),
            None => {}
        }
    }
    ensure!(!receipts.is_empty() && !begun.is_empty(), "the clients' logs tell of no result");
    for (begun, name) in &begun {
        let Some(receipt) = receipts.get(name) else { continue };
        let is_retried = retries.iter().any(|asked| {
            // The answer to a retry may have been on its way while the last results came.
            *receipt <= *asked + RETRY_TAKES && begun >= asked
        });
        ensure!(
            *begun <= *receipt + ON_ITS_WAY || is_retried,
            "result {name} was acknowledged at {receipt}, and its unit begun again at {begun}"
        );
    }
    Ok(receipts.len())
}

/// From a command to its effect, on a busy machine.
const RETRY_TAKES: Duration = Duration::from_secs(2);

/// What a line tells of a result.
#[derive(Debug, PartialEq)]
enum What {
    /// It is in the spool; computing it took so long.
    Spooled(Duration),
    /// The server has dealt with it.
    Receipt(Word),
}

/// What a receipt says.
#[derive(Debug, PartialEq)]
enum Word {
    /// The result counts.
    Kept,
    /// It does not, or not any more.
    Other,
}

/// `TIME LEVEL PLACE: result Name("...") spooled after 12 ms`, or `result Name("..."): Kept`.
fn read(line: &str) -> Option<(Timestamp, &str, What)> {
    let (time, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once("result Name(\"")?.1.split_once("\")")?;
    let what = match rest {
        ": Kept" => What::Receipt(Word::Kept),
        ": Late" | ": Gone" => What::Receipt(Word::Other),
        rest => {
            let millis = rest.strip_prefix(" spooled after ")?.strip_suffix(" ms")?;
            What::Spooled(Duration::from_millis(millis.parse().ok()?))
        }
    };
    Some((time.parse().ok()?, name, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines at seconds of one minute, as `3 a spooled after 900 ms`.
    fn verdict(lines: &[&str]) -> Result<usize> {
        let full: Vec<String> = lines
            .iter()
            .map(|line| {
                let (second, rest) = line.split_once(' ').unwrap();
                let (name, rest) = rest.split_at(1);
                format!("2026-01-01T00:00:0{second}Z DEBUG x: result Name(\"{name}\"){rest}")
            })
            .collect();
        check(full.iter().map(String::as_str), (Final::All, &[]))
    }

    #[test]
    fn computing_before_the_receipt_is_no_fault() {
        let lines = ["1 a spooled after 900 ms", "2 a spooled after 900 ms", "3 a: Kept"];
        assert_eq!(verdict(&lines).unwrap(), 1);
        assert_eq!(verdict(&["1 a: Kept", "2 a spooled after 1900 ms"]).unwrap(), 1);
        assert_eq!(verdict(&["1 a: Kept", "9 b spooled after 10 ms"]).unwrap(), 1);
    }

    #[test]
    fn computing_after_the_receipt_is_found_in_any_order_of_lines() {
        for lines in
            [["1 a: Kept", "3 a spooled after 900 ms"], ["3 a spooled after 900 ms", "1 a: Kept"]]
        {
            assert!(verdict(&lines).is_err(), "{lines:?}");
        }
        assert!(verdict(&["1 a: Kept", "3 a spooled after 900 ms", "4 a: Late"]).is_err());
    }

    #[test]
    fn a_retry_has_units_done_again() {
        let line = |second: u8, what: &str| {
            format!("2026-01-01T00:00:0{second}Z DEBUG x: result Name(\"a\"){what}")
        };
        let log = [line(1, ": Kept"), line(7, " spooled after 100 ms")];
        let verdict = |second: u8| {
            let asked = format!("2026-01-01T00:00:0{second}Z").parse().unwrap();
            check(log.iter().map(String::as_str), (Final::All, &[asked]))
        };
        assert!(verdict(4).is_ok());
        assert!(verdict(8).is_err(), "it was asked for later");
    }

    #[test]
    fn a_volunteers_late_result_may_be_done_again() {
        let line = |second: u8, what: &str| {
            format!("2026-01-01T00:00:0{second}Z DEBUG x: result Name(\"a\"){what}")
        };
        let log = [line(1, ": Late"), line(7, " spooled after 100 ms"), line(8, ": Kept")];
        let verdict = |last| check(log.iter().map(String::as_str), (last, &[]));
        assert!(verdict(Final::Kept).is_ok());
        assert!(verdict(Final::All).is_err());
    }

    #[test]
    fn logs_that_tell_nothing_prove_nothing() {
        assert!(verdict(&["1 a: Kept"]).is_err());
        assert!(verdict(&["1 a spooled after 900 ms"]).is_err());
        assert!(verdict(&["1 a waits: draining"]).is_err());
    }
}
