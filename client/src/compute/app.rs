//! The apps as threads see them. The only file that names their crate.

use std::sync::Arc;

use gleaner_apps::{App, AppError, Params, Prepared, UnitError, run_unit};
use gleaner_failpoint::crash_point;
use gleaner_shared::document::Document;
use gleaner_shared::payload::Payload;
use gleaner_shared::records::Tables;
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::JobBrief;
use serde::{Deserialize, Serialize};

use super::run::Run;

/// A job whose app has read its parameters and data.
#[derive(Debug)]
pub(crate) struct Ready {
    app: &'static dyn App,
    prepared: Box<dyn Prepared>,
}

/// A failure of the app, which is a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// How.
    pub(crate) class: FailureClass,
    /// For people.
    pub(crate) message: String,
}

impl Failure {
    /// What is asked for is not done.
    pub(crate) fn refused(why: impl ToString) -> Self {
        Self { class: FailureClass::Refused, message: why.to_string() }
    }
}

impl From<UnitError> for Failure {
    fn from(error: UnitError) -> Self {
        Self { class: error.class(), message: error.to_string() }
    }
}

/// Why a job is not ready.
#[derive(Clone, Debug)]
pub(crate) enum Unready {
    /// This client has no such app.
    UnknownApp,
    /// Its data is not here.
    Lacks,
    /// The app refuses its parameters or data.
    Failed(Failure),
}

impl Unready {
    /// Whether a later try may go better.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Lacks)
    }
}

/// Makes a job ready.
pub(crate) fn prepare(job: &JobBrief, data: Option<&[u8]>) -> Result<Arc<Ready>, Unready> {
    let app = gleaner_apps::app(&job.app).map_err(|_| Unready::UnknownApp)?;
    let params: Params = job.params.iter().cloned().collect();
    let prepared =
        app.prepare(&params, data).map_err(|error| Unready::Failed(Failure::refused(error)))?;
    Ok(Arc::new(Ready { app, prepared }))
}

impl Ready {
    /// The canonical bytes of the app's records. Once nobody wants them, it fails before the next
    /// document, in whatever way.
    pub(crate) fn run(
        &self,
        payload: &Payload,
        docs: DocRange,
        run: &Run,
    ) -> Result<Vec<u8>, Failure> {
        let watched = Watched { prepared: &*self.prepared, run };
        let done = run_unit(self.app, &watched, payload, docs);
        run.ends();
        Ok(done?)
    }
}

/// An app that says which document it is at, and stops before the next when nobody wants the rest.
#[derive(Debug)]
struct Watched<'a> {
    prepared: &'a dyn Prepared,
    run: &'a Run,
}

impl Prepared for Watched<'_> {
    fn run(&self, document: &Document, out: &mut Tables) -> Result<(), AppError> {
        crash_point!("client.app.document");
        match self.run.begins(&document.id) {
            true => self.prepared.run(document, out),
            false => Err(AppError::TooLarge(document.id.clone())),
        }
    }
}
