//! What a wish for a job must have for its app: a known name, good parameters, fitting data.

use gleaner_apps::{App, DataNeed, Params};
use gleaner_shared::limits::PARAMS_MAX;
use gleaner_shared::wire::admin::job::JobWish;
use gleaner_shared::wire::admin::{Problem, ProblemKind};

use super::query::dictionary_problem;
use super::{Commands, problem, store_problem};
use crate::dictionaries;
use crate::registry;

const HELP: &str = "gleaner-admin job submit --help";

/// The app of a wish, if the wish suits it; whether the data is what it should be is not known yet.
pub(super) fn suited(wish: &JobWish, what: &str) -> Result<&'static dyn App, Problem> {
    let usage = |why: &str| problem(ProblemKind::Usage, what, why, HELP);
    let app = registry::app(&wish.app)
        .map_err(|error| problem(ProblemKind::NotFound, what, &error.to_string(), HELP))?;
    if wish.params.len() > PARAMS_MAX {
        return Err(usage(&format!("it has more than {PARAMS_MAX} parameters")));
    }
    let params: Params = wish.params.iter().cloned().collect();
    if params.len() < wish.params.len() {
        return Err(usage("a parameter is given twice"));
    }
    app.check_params(&params).map_err(|error| usage(&error.to_string()))?;
    match (app.needs_data(), wish.data) {
        (DataNeed::None, None) | (DataNeed::Dictionary, Some(_)) => Ok(app),
        (DataNeed::None, Some(_)) => {
            Err(usage(&format!("{} takes no data; leave the ontology out", app.name())))
        }
        (DataNeed::Dictionary, None) => {
            Err(usage(&format!("{} needs an ontology: --ontology FILE", app.name())))
        }
    }
}

impl Commands {
    /// Reads the data of a wish: hosts must not be the first to find that it is none.
    pub(super) async fn data_check(&self, wish: &JobWish, what: &str) -> Result<(), Problem> {
        let Some(data) = wish.data else { return Ok(()) };
        let there = self.store.artefact_len(data).await;
        if there.map_err(|error| store_problem(what, &error))?.is_none() {
            let why = "its data is not on this server";
            return Err(problem(
                ProblemKind::NotFound,
                what,
                why,
                "submit it with --ontology FILE",
            ));
        }
        let dictionary = dictionaries::read(&self.store, data).await;
        dictionary.map(drop).map_err(|error| dictionary_problem(what, &error))
    }
}
