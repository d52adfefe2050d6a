//! What an app is: declared tables, checked parameters, and a prepared form that turns one document
//! into records. Which apps there are stands in `registry`; running a unit in `unit`.

use core::fmt::Debug;

use gleaner_shared::document::Document;
use gleaner_shared::limits::RESULT_ROWS_MAX;
use gleaner_shared::records::{RecordError, Tables};
use gleaner_shared::table::Table;
use gleaner_shared::verdict::FailureClass;

use crate::dictionary::ArtefactError;
use crate::export::Export;
use crate::params::{BadParam, Params};

/// A deterministic program from documents to records, named `name@version`.
pub trait App: Send + Sync + Debug {
    /// Its name without the version.
    fn name(&self) -> &'static str;

    /// Its version; another version may return other bytes.
    fn version(&self) -> u32;

    /// The tables that it fills, in the order of their records.
    fn tables(&self) -> &'static [Table];

    /// What data a job of this app must bring.
    fn needs_data(&self) -> DataNeed;

    /// Says before a job is made whether its parameters are good.
    ///
    /// # Errors
    /// A parameter that the app does not have, or a value that it does not take.
    fn check_params(&self, params: &Params) -> Result<(), BadParam>;

    /// Makes ready what all documents of a job share; `data` are the artefact's bytes.
    ///
    /// # Errors
    /// Parameters or data that the app does not take.
    fn prepare(
        &self,
        params: &Params,
        data: Option<&[u8]>,
    ) -> Result<Box<dyn Prepared>, PrepareError>;

    /// What is derived from the merged tables when a job is done.
    fn finish(&self) -> Option<&'static Finish>;

    /// The files in which the results are handed out.
    fn exports(&self) -> &'static [Export];

    /// `name@version`, as jobs and messages say it.
    fn full_name(&self) -> String {
        format!("{}@{}", self.name(), self.version())
    }
}

/// An app with its parameters and data, shared by all threads.
pub trait Prepared: Send + Sync + Debug {
    /// Adds one document's records to `out`, which has one list of rows for each declared table.
    /// Nothing is remembered from one document to the next.
    ///
    /// # Errors
    /// The document breaks a limit. `out` is then of no use.
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError>;
}

/// What data a job of an app brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataNeed {
    /// None; data that is given is refused.
    None,
    /// A compiled dictionary.
    Dictionary,
}

/// Tables that the server derives from merged ones when a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Names the derivation.
    pub name: &'static str,
    /// The derived tables, replaced whole each time.
    pub tables: &'static [Table],
    /// For each of them the merged table that it has a row for each row of.
    pub rows_of: &'static [&'static str],
}

/// Why an app cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// A parameter is refused.
    #[error(transparent)]
    Param(#[from] BadParam),
    /// A job of this app needs a dictionary and has none.
    #[error("{0} needs a dictionary: submit the job with one")]
    NoData(&'static str),
    /// A job of this app takes no data and has some.
    #[error("{0} takes no data: submit the job without it")]
    SomeData(&'static str),
    /// The data is no dictionary.
    #[error("the data is no dictionary: {0}")]
    Dictionary(#[from] ArtefactError),
}

/// Why an app does not do a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// It makes more rows than a result may have.
    #[error("document `{0}` gives more than {RESULT_ROWS_MAX} rows: split it")]
    TooLarge(String),
    /// The rows are not such as the tables take.
    #[error(transparent)]
    Records(#[from] RecordError),
}

impl AppError {
    /// The class that a host reports.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::TooLarge(_) | Self::Records(RecordError::TooLarge) => FailureClass::TooLarge,
            Self::Records(_) => FailureClass::Refused,
        }
    }
}
