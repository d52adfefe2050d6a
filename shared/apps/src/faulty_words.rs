//! `faulty-words`: `word-count` that a document can break, each in another way. For tests only: no
//! build without the feature `faults` has it.
//!
//! A document that has one of the words below panics, aborts the process, takes memory without end,
//! or never ends.

use core::hint::{black_box, spin_loop};

use gleaner_shared::document::Document;
use gleaner_shared::records::Tables;
use gleaner_shared::table::Table;

use crate::app::{App, AppError, DataNeed, Finish, PrepareError, Prepared};
use crate::export::Export;
use crate::params::{BadParam, Params};
use crate::word_count::WordCount;

/// The app.
#[derive(Debug)]
pub(crate) struct FaultyWords;

const PANICS: &str = "faultypanic";
const ABORTS: &str = "faultyabort";
const TAKES_ALL: &str = "faultymemory";
const NEVER_ENDS: &str = "faultyloop";

impl App for FaultyWords {
    fn name(&self) -> &'static str {
        "faulty-words"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [Table] {
        WordCount.tables()
    }

    fn needs_data(&self) -> DataNeed {
        DataNeed::None
    }

    fn check_params(&self, params: &Params) -> Result<(), BadParam> {
        WordCount.check_params(params)
    }

    fn prepare(
        &self,
        params: &Params,
        data: Option<&[u8]>,
    ) -> Result<Box<dyn Prepared>, PrepareError> {
        WordCount.prepare(params, data)?;
        Ok(Box::new(Self))
    }

    fn finish(&self) -> Option<&'static Finish> {
        None
    }

    fn exports(&self) -> &'static [Export] {
        WordCount.exports()
    }
}

impl Prepared for FaultyWords {
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError> {
        let has = |word: &str| document.paragraphs.iter().any(|text| text.contains(word));
        if has(PANICS) {
            panic!("document {} asked for it\n\u{1b}[31mand for a red line", document.id);
        }
        if has(ABORTS) {
            aborts();
        }
        if has(TAKES_ALL) {
            takes_all();
        }
        if has(NEVER_ENDS) {
            never_ends();
        }
        WordCount.run(document, out)
    }
}

/// A panic may not leave a function of this kind: the process ends.
extern "C" fn aborts() {
    panic!("this cannot be caught");
}

fn takes_all() {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1_u8; 1 << 20]));
    }
}

fn never_ends() {
    while black_box(true) {
        spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use gleaner_shared::document::Kind;

    use super::*;

    fn run(text: &str, app: &dyn Prepared) -> Tables {
        let paragraphs = vec![text.into()];
        let document = Document { id: "x".into(), kind: Kind::Text, year: 0, paragraphs };
        let mut out = vec![Vec::new()];
        app.run(&document, &mut out).unwrap();
        out
    }

    #[test]
    fn all_other_documents_are_counted_as_by_word_count() {
        let text = "A faulty panic, and an abort.";
        assert_eq!(run(text, &FaultyWords), run(text, &WordCount));
    }

    #[test]
    #[should_panic(expected = "document x asked for it")]
    fn a_word_breaks_it() {
        run("now faultypanic now", &FaultyWords);
    }
}
