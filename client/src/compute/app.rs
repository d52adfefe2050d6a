//! The apps as threads see them. The only file that names their crate.

use std::sync::Arc;

use gleaner_apps::{App, Params, Prepared, UnitError, run_unit};
use gleaner_shared::payload::Payload;
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::JobBrief;
use serde::{Deserialize, Serialize};

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
    /// The canonical bytes of the app's records.
    pub(crate) fn run(&self, payload: &Payload, docs: DocRange) -> Result<Vec<u8>, Failure> {
        Ok(run_unit(self.app, &*self.prepared, payload, docs)?)
    }
}
