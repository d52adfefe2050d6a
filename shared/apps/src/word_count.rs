//! `word-count`: how often each word occurs. The smallest app, and the one to copy.
//!
//! A word is a maximal run of word characters in a canonical paragraph, with A-Z made a-z. A word
//! over the limit of a text value counts as its first bytes, up to a whole character.

use std::collections::BTreeMap;

use gleaner_shared::document::Document;
use gleaner_shared::limits::{RESULT_ROWS_MAX, TEXT_BYTES_MAX};
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Column, ColumnType, Rule, Spread, Table, Value};

use crate::app::{App, AppError, DataNeed, Finish, PrepareError, Prepared};
use crate::export::{Export, Source};
use crate::params::{self, BadParam, Params};
use crate::text::{canonical_paragraphs, words};

/// The app.
#[derive(Debug)]
pub(crate) struct WordCount;

const NAME: &str = "word-count";

const WORDS: Table = Table {
    name: "words",
    columns: &[
        Column { name: "word", kind: ColumnType::Text, rule: Rule::Key },
        Column { name: "count", kind: ColumnType::Int, rule: Rule::Sum },
        Column { name: "docs", kind: ColumnType::Int, rule: Rule::Sum },
    ],
    spread: Spread::Shared,
};

impl App for WordCount {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        &[WORDS]
    }

    fn needs_data(&self) -> DataNeed {
        DataNeed::None
    }

    fn check_params(&self, params: &Params) -> Result<(), BadParam> {
        params::check_names(NAME, &[], params)
    }

    fn prepare(
        &self,
        params: &Params,
        data: Option<&[u8]>,
    ) -> Result<Box<dyn Prepared>, PrepareError> {
        self.check_params(params)?;
        match data {
            None => Ok(Box::new(Self)),
            Some(_) => Err(PrepareError::SomeData(NAME)),
        }
    }

    fn finish(&self) -> Option<&'static Finish> {
        None
    }

    fn exports(&self) -> &'static [Export] {
        &[Export {
            file: "words.tsv",
            source: Source::Table("words"),
            columns: &["word", "count", "docs"],
            order: &["word"],
        }]
    }
}

impl Prepared for WordCount {
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError> {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for paragraph in canonical_paragraphs(document) {
            for word in words(&paragraph.to_ascii_lowercase()) {
                let word = &word[..word.floor_char_boundary(TEXT_BYTES_MAX)];
                match counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(word.to_owned(), 1)),
                }
            }
            if counts.len() > RESULT_ROWS_MAX {
                return Err(AppError::TooLarge(document.id.clone()));
            }
        }
        let rows = counts
            .into_iter()
            .map(|(word, count)| vec![Value::Text(word), Value::Int(count), Value::Int(1)]);
        out[0].extend(rows);
        Ok(())
    }
}
