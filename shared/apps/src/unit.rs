//! One unit: an app over the documents of a range, to records in canonical form.

use gleaner_shared::limits::RESULT_ROWS_MAX;
use gleaner_shared::payload::{Payload, PayloadError};
use gleaner_shared::records::{self, RecordError, Tables};
use gleaner_shared::table::{Spread, Table};
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;

use crate::app::{App, AppError, Prepared};

/// Rows after which the shared tables are combined, at first: what they hold twice must not
/// count against the limit, and memory follows the distinct rows.
const COMBINE_ROWS: usize = 200_000;

/// Why a unit has no records.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The payload does not hold the range, or a document in it is none.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The app does not do a document.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<RecordError> for UnitError {
    fn from(error: RecordError) -> Self {
        Self::App(AppError::Records(error))
    }
}

impl UnitError {
    /// The class that a host reports.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::Payload(_) => FailureClass::Refused,
            Self::App(error) => error.class(),
        }
    }
}

/// Runs the documents of a range and gives their records in canonical form.
///
/// # Errors
/// A document that cannot be read or done, or more rows or bytes than a result may have.
pub fn run_unit(
    app: &dyn App,
    prepared: &dyn Prepared,
    payload: &Payload,
    range: DocRange,
) -> Result<Vec<u8>, UnitError> {
    let tables = app.tables();
    let mut records: Tables = vec![Vec::new(); tables.len()];
    let mut combine_at = COMBINE_ROWS;
    for index in range.first..range.end() {
        prepared.run(&payload.document(index)?, &mut records)?;
        if rows(&records) > combine_at {
            combine_shared(tables, &mut records)?;
            combine_at = COMBINE_ROWS.max(2 * rows(&records));
        }
    }
    combine_shared(tables, &mut records)?;
    Ok(records::encode(tables, &mut records)?)
}

fn rows(records: &Tables) -> usize {
    records.iter().map(Vec::len).sum()
}

/// Rows that are distinct now stay distinct, so too many of them are too many in the end.
fn combine_shared(tables: &[Table], records: &mut Tables) -> Result<(), RecordError> {
    for (table, rows) in tables.iter().zip(records.iter_mut()) {
        if table.spread == Spread::Shared {
            records::combine(table, rows)?;
        }
    }
    if rows(records) > RESULT_ROWS_MAX { Err(RecordError::TooLarge) } else { Ok(()) }
}
