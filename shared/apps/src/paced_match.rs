//! `paced-match`: `ontology-match` that does each document `rounds` times and keeps the last.
//!
//! The same bytes for more work: for demonstrations, and for tests that need units of a certain
//! length. It is not for real jobs.

use core::hint::black_box;

use gleaner_shared::document::Document;
use gleaner_shared::records::Tables;
use gleaner_shared::table::Table;

use crate::app::{App, AppError, DataNeed, Finish, PrepareError, Prepared};
use crate::export::Export;
use crate::ontology_match::{EXPORTS, FINISH, Match, TABLES};
use crate::params::{self, BadParam, Params};

/// The app.
#[derive(Debug)]
pub(crate) struct PacedMatch;

const NAME: &str = "paced-match";
/// The only parameter.
const ROUNDS: &str = "rounds";
/// At some milliseconds a document this is an hour for each.
const ROUNDS_MAX: u32 = 1_000_000;

/// `ontology-match`, so many times.
#[derive(Debug)]
struct Paced {
    inner: Match,
    rounds: u32,
}

impl App for PacedMatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        TABLES
    }

    fn needs_data(&self) -> DataNeed {
        DataNeed::Dictionary
    }

    fn check_params(&self, params: &Params) -> Result<(), BadParam> {
        rounds(params).map(drop)
    }

    fn prepare(
        &self,
        params: &Params,
        data: Option<&[u8]>,
    ) -> Result<Box<dyn Prepared>, PrepareError> {
        let rounds = rounds(params)?;
        Ok(Box::new(Paced { inner: Match::prepare(NAME, data)?, rounds }))
    }

    fn finish(&self) -> Option<&'static Finish> {
        Some(&FINISH)
    }

    fn exports(&self) -> &'static [Export] {
        EXPORTS
    }
}

/// One round unless it is said.
fn rounds(params: &Params) -> Result<u32, BadParam> {
    params::check_names(NAME, &[ROUNDS], params)?;
    let Some(value) = params.get(ROUNDS) else { return Ok(1) };
    match value.parse() {
        Ok(rounds @ 1..=ROUNDS_MAX) => Ok(rounds),
        _ => Err(BadParam::Value {
            app: NAME,
            name: ROUNDS,
            value: value.clone(),
            wanted: "a whole number from 1 to 1000000",
        }),
    }
}

impl Prepared for Paced {
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError> {
        for _ in 1..self.rounds {
            let mut unused: Tables = vec![Vec::new(); TABLES.len()];
            self.inner.run(black_box(document), &mut unused)?;
            black_box(unused);
        }
        self.inner.run(document, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_a_number_in_bounds() {
        for (value, expected) in [
            ("1", Some(1)),
            ("1000000", Some(ROUNDS_MAX)),
            ("0", None),
            ("-1", None),
            ("x", None),
            ("1000001", None),
        ] {
            let params = Params::from([(ROUNDS.to_owned(), value.to_owned())]);
            assert_eq!(rounds(&params).ok(), expected, "{value}");
        }
        assert_eq!(rounds(&Params::new()), Ok(1));
    }
}
