//! Questions to the knowledge graph of an ontology-match job, also while it runs.
//!
//! The store finds and sorts; labels come from the job's dictionary, sentences from its payloads.

use std::collections::BTreeSet;
use std::sync::Arc;

use gleaner_apps::matcher::Matcher;
use gleaner_apps::text::canonical;
use gleaner_shared::limits::SEARCH_TEXT_BYTES_MAX;
use gleaner_shared::wire::admin::query::{
    Article, Articles, ArticlesWish, Found, FoundEdge, Named, Neighbour, Related, RelatedWish,
    SearchWish,
};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::JobRecord;

use super::{Commands, problem, store_problem};
use crate::dictionaries::DictionaryError;
use crate::registry;

mod sentences;

/// The tables that questions read.
const GRAPH: [&str; 6] = ["docs", "mentions", "doc_nodes", "doc_edges", "edges", "edge_years"];

/// A job with a graph, and what its concepts are called.
struct Graph {
    job: JobRecord,
    matcher: Arc<Matcher>,
}

impl Graph {
    fn named(&self, id: &str) -> Named {
        let label = self.matcher.dictionary().label(id).unwrap_or_default();
        Named { id: id.to_owned(), label: label.to_owned() }
    }

    /// A concept that was asked for must be one.
    fn known(&self, id: &str, what: &str) -> Result<Named, Problem> {
        if self.matcher.dictionary().label(id).is_some() {
            return Ok(self.named(id));
        }
        let why = format!("the ontology of job {} has no concept {id:?}", self.job.name);
        let next = format!("gleaner-admin search TEXT --job {}", self.job.name);
        Err(problem(ProblemKind::NotFound, what, &why, &next))
    }
}

impl Commands {
    pub(super) async fn related(&self, wish: RelatedWish) -> Result<Reply, Problem> {
        let what = format!("the neighbours of {:?} cannot be found", wish.concept);
        let graph = self.graph(&wish.job, &what).await?;
        let concept = graph.known(&wish.concept, &what)?;
        let found = self.store.related(graph.job.id, &concept.id, wish.limit, &wish.years).await;
        let found = found.map_err(|error| store_problem(&what, &error))?;
        let neighbours = found.into_iter().map(|found| {
            let Named { id, label } = graph.named(&found.concept);
            Neighbour { id, label, sentences: found.sentences, docs: found.docs }
        });
        Ok(Reply::Related(Related { concept, neighbours: neighbours.collect() }))
    }

    pub(super) async fn articles(&self, wish: ArticlesWish) -> Result<Reply, Problem> {
        let what = format!("the articles of {:?} and {:?} cannot be found", wish.a, wish.b);
        let graph = self.graph(&wish.job, &what).await?;
        let (a, b) = (graph.known(&wish.a, &what)?, graph.known(&wish.b, &what)?);
        let pair = (a.id.as_str(), b.id.as_str());
        let found = self.store.articles(graph.job.id, pair, wish.limit, &wish.years).await;
        let found = found.map_err(|error| store_problem(&what, &error))?;
        let sentences = sentences::of(&self.store, graph.job.corpus, &found).await;
        let sentences = sentences.map_err(|error| store_problem(&what, &error))?;
        let articles = found.into_iter().zip(sentences).map(|(found, sentence)| Article {
            doc: found.doc,
            year: found.year,
            sentences: found.sentences,
            pagerank: found.pagerank,
            first: found.first,
            sentence,
        });
        let articles = articles.collect();
        Ok(Reply::Articles(Articles { a, b, articles }))
    }

    pub(super) async fn search(&self, wish: SearchWish) -> Result<Reply, Problem> {
        let what = "the text cannot be searched for";
        if wish.text.len() > SEARCH_TEXT_BYTES_MAX {
            let why =
                format!("it has {} bytes, at most {SEARCH_TEXT_BYTES_MAX} fit", wish.text.len());
            return Err(problem(ProblemKind::Limit, what, &why, "search for a part of it"));
        }
        let graph = self.graph(&wish.job, what).await?;
        let mentions = graph.matcher.mentions(&canonical(&wish.text));
        let concepts: BTreeSet<_> = mentions.iter().map(|mention| mention.concept).collect();
        let dictionary = graph.matcher.dictionary();
        let concepts: Vec<String> =
            concepts.into_iter().map(|concept| dictionary.concept_id(concept).to_owned()).collect();
        let found = self.store.search_edges(graph.job.id, &concepts, wish.limit, &wish.years).await;
        let found = found.map_err(|error| store_problem(what, &error))?;
        let edges = found.into_iter().map(|edge| FoundEdge {
            a: graph.named(&edge.a),
            b: graph.named(&edge.b),
            sentences: edge.sentences,
            docs: edge.docs,
        });
        let concepts = concepts.iter().map(|concept| graph.named(concept)).collect();
        Ok(Reply::Found(Found { concepts, edges: edges.collect() }))
    }

    /// A job whose app makes a graph.
    async fn graph(&self, name: &str, what: &str) -> Result<Graph, Problem> {
        let job = self.job_find(name).await?;
        let tables = registry::tables_of(&job.app).unwrap_or_default();
        if GRAPH.iter().all(|wanted| tables.iter().any(|table| table.name == *wanted)) {
            let matcher = self.dictionary_of(&job, what).await?;
            return Ok(Graph { job, matcher });
        }
        let why = format!("job {name} is of {}, which makes no knowledge graph", job.app);
        let next = "ask a job of ontology-match: gleaner-admin job list";
        Err(problem(ProblemKind::Usage, what, &why, next))
    }

    /// A job's dictionary, ready for texts.
    pub(super) async fn dictionary_of(
        &self,
        job: &JobRecord,
        what: &str,
    ) -> Result<Arc<Matcher>, Problem> {
        let Some(data) = job.data else {
            let why = format!("job {} has no dictionary", job.name);
            return Err(problem(ProblemKind::Usage, what, &why, "gleaner-admin job list"));
        };
        let ready = self.dictionaries.ready(&self.store, data).await;
        ready.map_err(|error| dictionary_problem(what, &error))
    }
}

/// Why a dictionary cannot be had, for an admin.
pub(super) fn dictionary_problem(what: &str, error: &DictionaryError) -> Problem {
    match error {
        DictionaryError::Store(error) => store_problem(what, error),
        DictionaryError::Artefact(_) => {
            let next = "compile it again: gleaner-admin ontology compile";
            problem(ProblemKind::Usage, what, &error.to_string(), next)
        }
        DictionaryError::Cut(_) => {
            problem(ProblemKind::Failed, what, &error.to_string(), "see the server's log")
        }
    }
}
