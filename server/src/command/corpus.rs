//! Corpora: listed, removed, and one intake of each at a time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::CorpusError;

use super::{Commands, problem, store_problem};

/// Corpora that an intake is adding to.
pub(crate) type Adding = Arc<Mutex<BTreeSet<String>>>;

/// The turn of one intake; over when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    adding: Adding,
    name: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.adding.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl Commands {
    pub(super) fn adding_turn(&self, name: &str) -> Result<Turn, Problem> {
        let mut adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        if adding.insert(name.to_owned()) {
            return Ok(Turn { adding: Arc::clone(&self.adding), name: name.to_owned() });
        }
        let what = format!("corpus {name} cannot be added to");
        let why = "another intake into it is under way";
        Err(problem(ProblemKind::Conflict, &what, why, "wait for it, or stop it"))
    }

    pub(super) async fn corpus_list(&self) -> Result<Reply, Problem> {
        let rows = self.store.corpus_list().await;
        rows.map(Reply::Corpora).map_err(|error| store_problem("corpora cannot be listed", &error))
    }

    pub(super) async fn corpus_remove(&self, name: &str) -> Result<Reply, Problem> {
        let _turn = self.adding_turn(name)?;
        let what = format!("corpus {name} cannot be removed");
        match self.store.corpus_remove(name).await {
            Ok(()) => Ok(Reply::Done),
            Err(error) => Err(match &error {
                CorpusError::Absent(_) => problem(
                    ProblemKind::NotFound,
                    &what,
                    &error.to_string(),
                    "gleaner-admin corpus list",
                ),
                CorpusError::Used { .. } => problem(
                    ProblemKind::Conflict,
                    &what,
                    &error.to_string(),
                    "keep it: results are read from it",
                ),
                CorpusError::Store(error) => store_problem(&what, error),
            }),
        }
    }
}
