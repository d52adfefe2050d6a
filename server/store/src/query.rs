//! Questions to the tables of an ontology-match job, in exactly the order of its spec, section 11.
//!
//! Labels and sentences are not read here: answers name concepts, documents and places.

use gleaner_shared::id::JobId;
use gleaner_shared::limits::{QUERY_ROWS_MAX, SEARCH_CONCEPTS_MAX, YEAR_RANGES_MAX};
use gleaner_shared::table::Table;
use gleaner_shared::wire::admin::query::YearRange;
use sqlx::AssertSqlSafe;

use crate::columns::size;
use crate::error::StoreError;
use crate::store::Store;
use crate::table::layout::sql_name;

/// Tables with the columns that questions enter by, beside their keys.
const INDEXES: &[(&str, &[&str])] =
    &[("edges", &["b"]), ("edge_years", &["b"]), ("doc_edges", &["a", "b"])];

/// The indexes that a new table needs.
pub(crate) fn indexes(job: JobId, table: &Table) -> Vec<String> {
    let has = |name: &&str| table.columns.iter().any(|column| column.name == *name);
    let wanted =
        INDEXES.iter().filter(|(name, columns)| *name == table.name && columns.iter().all(has));
    let index = |(name, columns): &(&str, &[&str])| {
        let (table, columns) = (sql_name(job, name), columns.join("\", \""));
        format!("CREATE INDEX {table}_by ON {table} (\"{columns}\")")
    };
    wanted.map(index).collect()
}

/// A neighbour of a concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighbourFound {
    /// Its id.
    pub concept: String,
    /// Sentences with both.
    pub sentences: u64,
    /// Documents with both in a sentence.
    pub docs: u64,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeFound {
    /// One end, the less in byte order.
    pub a: String,
    /// The other end.
    pub b: String,
    /// Sentences with both.
    pub sentences: u64,
    /// Documents with both in a sentence.
    pub docs: u64,
}

/// A document with an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFound {
    /// Its id.
    pub doc: String,
    /// Its year, 0 if unknown.
    pub year: u16,
    /// Sentences with both.
    pub sentences: u64,
    /// PageRank of one plus PageRank of the other, in the document.
    pub pagerank: i64,
    /// The first sentence with both: paragraph and sentence number.
    pub first: (u32, u32),
}

/// A condition on years and the values to bind for it; nothing for all years.
fn years_in(column: &str, years: &[YearRange]) -> Result<(String, Vec<u16>), StoreError> {
    if years.len() > YEAR_RANGES_MAX {
        let why = format!("a query takes at most {YEAR_RANGES_MAX} ranges of years");
        return Err(StoreError::Misuse(why));
    }
    if years.is_empty() {
        return Ok(("TRUE".into(), Vec::new()));
    }
    let ranges = vec![format!("{column} BETWEEN ? AND ?"); years.len()].join(" OR ");
    let ends = years.iter().flat_map(|range| [range.first, range.last]);
    Ok((format!("({ranges})"), ends.collect()))
}

/// The table of edges, or their sums over some years; and the values to bind for these.
fn edges_of(job: JobId, end: &str, years: &[YearRange]) -> Result<(String, Vec<u16>), StoreError> {
    if years.is_empty() {
        let edges = sql_name(job, "edges");
        return Ok((format!("SELECT a, b, sentences, docs FROM {edges} WHERE {end}"), Vec::new()));
    }
    let (condition, ends) = years_in("year", years)?;
    let edges = sql_name(job, "edge_years");
    let select = format!(
        "SELECT a, b, sum(sentences) AS sentences, sum(docs) AS docs FROM {edges} \
         WHERE {end} AND {condition} GROUP BY a, b"
    );
    Ok((select, ends))
}

impl Store {
    /// The neighbours of a concept, strongest first; `years` empty for all.
    ///
    /// # Errors
    /// The job has no such tables, or the database failed.
    pub async fn related(
        &self,
        job: JobId,
        concept: &str,
        limit: u32,
        years: &[YearRange],
    ) -> Result<Vec<NeighbourFound>, StoreError> {
        let (after, ends) = edges_of(job, "a = ?", years)?;
        let (before, _) = edges_of(job, "b = ?", years)?;
        let select = format!(
            "SELECT b AS concept, sentences, docs FROM ({after}) \
             UNION ALL SELECT a, sentences, docs FROM ({before}) \
             ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?"
        );
        let mut query = sqlx::query_as::<_, (String, i64, i64)>(AssertSqlSafe(select));
        for _ in 0..2 {
            query = query.bind(concept.to_owned());
            for year in &ends {
                query = query.bind(*year);
            }
        }
        let rows = query.bind(limit.min(QUERY_ROWS_MAX)).fetch_all(self.readers()).await?;
        let row = |(concept, sentences, docs)| NeighbourFound {
            concept,
            sentences: size(sentences),
            docs: size(docs),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// All edges that touch one of the concepts, strongest first; `years` empty for all.
    ///
    /// # Errors
    /// The job has no such tables, there are too many concepts, or the database failed.
    pub async fn search_edges(
        &self,
        job: JobId,
        concepts: &[String],
        limit: u32,
        years: &[YearRange],
    ) -> Result<Vec<EdgeFound>, StoreError> {
        if concepts.is_empty() {
            return Ok(Vec::new());
        }
        if concepts.len() > SEARCH_CONCEPTS_MAX {
            let why = format!("a search takes at most {SEARCH_CONCEPTS_MAX} concepts");
            return Err(StoreError::Misuse(why));
        }
        let marks = vec!["?"; concepts.len()].join(", ");
        let (after, ends) = edges_of(job, &format!("a IN ({marks})"), years)?;
        let (before, _) = edges_of(job, &format!("b IN ({marks})"), years)?;
        // An edge between two of the concepts is in both parts; UNION keeps it once.
        let select = format!(
            "SELECT * FROM ({after}) UNION SELECT * FROM ({before}) \
             ORDER BY 3 DESC, 4 DESC, 1, 2 LIMIT ?"
        );
        let mut query = sqlx::query_as::<_, (String, String, i64, i64)>(AssertSqlSafe(select))
            .persistent(false);
        for _ in 0..2 {
            for concept in concepts {
                query = query.bind(concept.clone());
            }
            for year in &ends {
                query = query.bind(*year);
            }
        }
        let rows = query.bind(limit.min(QUERY_ROWS_MAX)).fetch_all(self.readers()).await?;
        let row = |(a, b, sentences, docs)| EdgeFound {
            a,
            b,
            sentences: size(sentences),
            docs: size(docs),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Documents with an edge, strongest first, then by what both mean in the document; `years`
    /// empty for all.
    ///
    /// # Errors
    /// The job has no such tables, or the database failed.
    pub async fn articles(
        &self,
        job: JobId,
        (one, other): (&str, &str),
        limit: u32,
        years: &[YearRange],
    ) -> Result<Vec<ArticleFound>, StoreError> {
        let (a, b) = if one <= other { (one, other) } else { (other, one) };
        let (condition, ends) = years_in("docs.year", years)?;
        let [docs, edges, nodes] =
            ["docs", "doc_edges", "doc_nodes"].map(|table| sql_name(job, table));
        let select = format!(
            "SELECT edge.doc, docs.year, edge.sentences, one.pagerank + other.pagerank \
             FROM {edges} edge JOIN {docs} docs ON docs.doc = edge.doc \
             JOIN {nodes} one ON one.doc = edge.doc AND one.concept = edge.a \
             JOIN {nodes} other ON other.doc = edge.doc AND other.concept = edge.b \
             WHERE edge.a = ? AND edge.b = ? AND {condition} ORDER BY 3 DESC, 4 DESC, 1 LIMIT ?"
        );
        let mut query = sqlx::query_as::<_, (String, u16, i64, i64)>(AssertSqlSafe(select))
            .bind(a.to_owned())
            .bind(b.to_owned());
        for year in &ends {
            query = query.bind(*year);
        }
        let rows = query.bind(limit.min(QUERY_ROWS_MAX)).fetch_all(self.readers()).await?;
        let mut articles = Vec::with_capacity(rows.len());
        for (doc, year, sentences, pagerank) in rows {
            let first = self.first_sentence(job, &doc, (a, b)).await?;
            let sentences = size(sentences);
            articles.push(ArticleFound { doc, year, sentences, pagerank, first });
        }
        Ok(articles)
    }

    async fn first_sentence(
        &self,
        job: JobId,
        doc: &str,
        (a, b): (&str, &str),
    ) -> Result<(u32, u32), StoreError> {
        let mentions = sql_name(job, "mentions");
        let select = format!(
            "SELECT one.paragraph, one.sentence FROM {mentions} one JOIN {mentions} other \
             ON other.doc = one.doc AND other.paragraph = one.paragraph \
             AND other.sentence = one.sentence \
             WHERE one.doc = ? AND one.concept = ? AND other.concept = ? ORDER BY 1, 2 LIMIT 1"
        );
        let found = sqlx::query_as(AssertSqlSafe(select))
            .bind(doc.to_owned())
            .bind(a.to_owned())
            .bind(b.to_owned())
            .fetch_optional(self.readers())
            .await?;
        found.ok_or_else(|| {
            let why = format!("document {doc} has an edge {a}, {b} and no sentence with both");
            StoreError::damaged(format!("the tables of job {job}"), why)
        })
    }
}
