//! Hosts: shown, banned.

use gleaner_engine::event::Event;
use gleaner_engine::view::LinkView;
use gleaner_shared::id::HostId;
use gleaner_shared::wire::admin::host::HostRow;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::HostError;

use super::{Commands, problem, stopping, store_problem};
use crate::driver::Question;

impl Commands {
    pub(super) async fn host_show(&self, wanted: &str) -> Result<Reply, Problem> {
        let (id, row) = self.host_row(wanted).await?;
        Ok(Reply::Host(self.live(id, row).await?))
    }

    /// Bans in the store first, so that no new stream is served, then tells the engine.
    pub(super) async fn host_ban(&self, wanted: &str) -> Result<Reply, Problem> {
        let (id, _) = self.host_row(wanted).await?;
        self.store.host_ban(id).await.map_err(|error| host_problem(wanted, &error))?;
        self.driver.change(vec![Event::HostBanned(id)]).await.map_err(|_| stopping())?;
        self.host_show(&id.to_string()).await
    }

    async fn host_row(&self, wanted: &str) -> Result<(HostId, HostRow), Problem> {
        self.store.host_show(wanted).await.map_err(|error| host_problem(wanted, &error))
    }

    /// A row with what only the engine knows.
    pub(super) async fn live(&self, id: HostId, mut row: HostRow) -> Result<HostRow, Problem> {
        let view = self.driver.ask(Question::Host(id)).await.map_err(|_| stopping())?;
        if let Some(host) = view.host {
            row.connected = host.link != LinkView::Away;
            row.leases = u32::try_from(host.leases).unwrap_or(u32::MAX);
        }
        Ok(row)
    }
}

fn host_problem(wanted: &str, error: &HostError) -> Problem {
    let what = format!("host {wanted}");
    let next = "gleaner-admin host list";
    match error {
        HostError::Absent(_) => problem(ProblemKind::NotFound, &what, &error.to_string(), next),
        HostError::Ambiguous(_) => problem(ProblemKind::Conflict, &what, &error.to_string(), next),
        HostError::Store(error) => store_problem(&what, error),
    }
}
