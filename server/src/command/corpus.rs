//! Corpora: listed, removed, and one intake of each at a time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gleaner_shared::limits::INTAKE_TURN_PATIENCE;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::CorpusError;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{Commands, problem, store_problem};

/// Corpora that an intake is adding to.
#[derive(Debug, Default)]
pub(crate) struct Adding {
    names: Mutex<BTreeSet<String>>,
    ended: Notify,
}

/// The turn of one intake; over when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    adding: Arc<Adding>,
    name: String,
}

impl Adding {
    /// Whether the turn is the caller's now.
    fn begin(&self, name: &str) -> bool {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned())
    }

    async fn begin_in_turn(&self, name: &str) {
        loop {
            let mut ended = std::pin::pin!(self.ended.notified());
            // Before the look, so that an end right after it is heard.
            ended.as_mut().enable();
            if self.begin(name) {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut names = self.adding.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(&self.name);
        self.adding.ended.notify_waiters();
    }
}

impl Commands {
    /// Waits a moment for an intake that has lost its admin and writes what it holds.
    pub(super) async fn adding_turn(&self, name: &str) -> Result<Turn, Problem> {
        let patience = Duration::from_millis(INTAKE_TURN_PATIENCE.0);
        if timeout(patience, self.adding.begin_in_turn(name)).await.is_ok() {
            return Ok(Turn { adding: Arc::clone(&self.adding), name: name.to_owned() });
        }
        let what = format!("corpus {name} cannot be added to");
        let why = "another intake into it is under way";
        let next = "wait for it, or stop it; if its admin is gone, it ends within a minute";
        Err(problem(ProblemKind::Conflict, &what, why, next))
    }

    pub(super) async fn corpus_list(&self) -> Result<Reply, Problem> {
        let rows = self.store.corpus_list().await;
        rows.map(Reply::Corpora).map_err(|error| store_problem("corpora cannot be listed", &error))
    }

    pub(super) async fn corpus_remove(&self, name: &str) -> Result<Reply, Problem> {
        let _turn = self.adding_turn(name).await?;
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
