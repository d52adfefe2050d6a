//! `graph-rank`: the table `nodes` of an ontology-match job, from its merged `concepts` and `edges`.
//!
//! Edges are read page by page, once to count them; those that are too many to be kept are read again
//! for each round. Each page is worked through on a thread that may block.

use gleaner_apps::App;
use gleaner_apps::graph::ROUNDS;
use gleaner_shared::id::JobId;
use gleaner_shared::limits::{FINISH_EDGES_KEPT_MAX, FINISH_PAGE_ROWS};
use gleaner_shared::table::{Row, Table};
use gleaner_store::{JobRecord, Store};

use super::FinishError;
use super::graph::{Graph, Node};
use crate::dictionaries;
use crate::registry;

/// Writes `nodes`. It is on disk when this returns.
pub(super) async fn derive(
    store: &Store,
    job: &JobRecord,
    app: &'static dyn App,
    generation: u32,
) -> Result<(), FinishError> {
    let concepts = table(app.tables(), "concepts")?;
    let edges = table(app.tables(), "edges")?;
    let target = table(registry::derived_of(app), "nodes")?;
    let mut nodes = Vec::new();
    let mut pages = Pages::after(None, store, job.id, concepts);
    while let Some(page) = pages.next().await? {
        for row in page {
            nodes.push(Node::of(row)?);
        }
    }
    let graph = ranked(Graph::new(nodes, FINISH_EDGES_KEPT_MAX), store, job.id, edges).await?;
    let dictionary = match job.data {
        Some(data) => Some(dictionaries::read(store, data).await?),
        None => None,
    };
    // Validated results name concepts of the dictionary only; one that it lacks stays without a label.
    let label = move |id: &str| {
        dictionary
            .as_ref()
            .and_then(|dictionary| dictionary.label(id))
            .unwrap_or_default()
            .to_owned()
    };
    Ok(store.finish_replace(job.id, generation, target, graph.rows(label)).await?)
}

fn table(tables: &'static [Table], name: &'static str) -> Result<&'static Table, FinishError> {
    tables.iter().find(|table| table.name == name).ok_or(FinishError::Table(name))
}

/// Ranks of all nodes.
async fn ranked(
    mut graph: Graph,
    store: &Store,
    job: JobId,
    edges: &'static Table,
) -> Result<Graph, FinishError> {
    let mut pages = Pages::after(None, store, job, edges);
    while let Some(page) = pages.next().await? {
        graph = worked(graph, |graph| graph.count(page)).await?;
    }
    for _ in 0..ROUNDS {
        graph = worked(graph, |graph| {
            graph.spread_kept();
            Ok(())
        })
        .await?;
        let mut pages = Pages::after(graph.resume(), store, job, edges);
        while let Some(page) = pages.next().await? {
            graph = worked(graph, |graph| graph.spread(page)).await?;
        }
        graph.round();
    }
    Ok(graph)
}

/// Work that takes the processor for a moment, on a thread that may block.
async fn worked<F>(mut graph: Graph, work: F) -> Result<Graph, FinishError>
where
    F: FnOnce(&mut Graph) -> Result<(), FinishError> + Send + 'static,
{
    tokio::task::spawn_blocking(move || work(&mut graph).map(|()| graph)).await?
}

/// A table of a job, page by page. No connection is held between two pages. Nothing is merged while
/// a job finishes, so all pages are of one moment.
struct Pages<'a> {
    store: &'a Store,
    job: JobId,
    table: &'static Table,
    last: Option<Row>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    More,
    End,
}

impl<'a> Pages<'a> {
    fn after(last: Option<Row>, store: &'a Store, job: JobId, table: &'static Table) -> Self {
        Self { store, job, table, last, state: State::More }
    }

    async fn next(&mut self) -> Result<Option<Vec<Row>>, FinishError> {
        if self.state == State::End {
            return Ok(None);
        }
        let after = self.last.as_deref();
        let page = self.store.rows_after(self.job, self.table, after, FINISH_PAGE_ROWS).await?;
        if page.len() < FINISH_PAGE_ROWS as usize {
            self.state = State::End;
        }
        if let Some(last) = page.last() {
            self.last = Some(last.clone());
        }
        Ok(Some(page))
    }
}
