//! `ontology-match`: which concepts of an ontology a document mentions, which stand together in a
//! sentence, and how they rank in it. The rules are version 1 of its written specification.

mod analysis;
mod edges;
mod rows;
mod tables;

use gleaner_shared::document::Document;
use gleaner_shared::records::Tables;
use gleaner_shared::table::Table;

use crate::app::{App, AppError, DataNeed, Finish, PrepareError, Prepared};
use crate::dictionary::Dictionary;
use crate::export::Export;
use crate::matcher::Matcher;
use crate::params::{self, BadParam, Params};
use analysis::Analysis;

pub(crate) use tables::{EXPORTS, FINISH, TABLES};

/// The app.
#[derive(Debug)]
pub(crate) struct OntologyMatch;

const NAME: &str = "ontology-match";

impl App for OntologyMatch {
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
        params::check_names(NAME, &[], params)
    }

    fn prepare(
        &self,
        params: &Params,
        data: Option<&[u8]>,
    ) -> Result<Box<dyn Prepared>, PrepareError> {
        self.check_params(params)?;
        Ok(Box::new(Match::prepare(NAME, data)?))
    }

    fn finish(&self) -> Option<&'static Finish> {
        Some(&FINISH)
    }

    fn exports(&self) -> &'static [Export] {
        EXPORTS
    }
}

/// The dictionary, ready for texts.
#[derive(Debug)]
pub(crate) struct Match(Matcher);

impl Match {
    /// Of a compiled dictionary's bytes.
    pub(crate) fn prepare(app: &'static str, data: Option<&[u8]>) -> Result<Self, PrepareError> {
        let dictionary = Dictionary::decode(data.ok_or(PrepareError::NoData(app))?)?;
        Ok(Self(Matcher::new(dictionary)))
    }
}

impl Prepared for Match {
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError> {
        let analysis = Analysis::of(document, &self.0)?;
        rows::add(document, &analysis, self.0.dictionary(), out);
        Ok(())
    }
}
