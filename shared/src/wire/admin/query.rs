//! Questions to a knowledge graph: the queries of the spec's section 11.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Years that count, both ends included. 0 is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearRange {
    /// From.
    pub first: u16,
    /// To.
    pub last: u16,
}

/// Neighbours of a concept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedWish {
    /// The job's name.
    pub job: String,
    /// The concept's id.
    pub concept: String,
    /// Rows at most, up to [`crate::limits::QUERY_ROWS_MAX`].
    pub limit: u32,
    /// Only these years, at most [`crate::limits::YEAR_RANGES_MAX`] ranges; none means all.
    pub years: Vec<YearRange>,
}

/// Articles with an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticlesWish {
    /// The job's name.
    pub job: String,
    /// One concept.
    pub a: String,
    /// The other.
    pub b: String,
    /// Rows at most.
    pub limit: u32,
    /// Only these years, at most [`crate::limits::YEAR_RANGES_MAX`] ranges; none means all.
    pub years: Vec<YearRange>,
}

/// Edges of the concepts in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchWish {
    /// The job's name.
    pub job: String,
    /// The text, at most 4 KiB.
    pub text: String,
    /// Rows at most.
    pub limit: u32,
    /// Only these years, at most [`crate::limits::YEAR_RANGES_MAX`] ranges; none means all.
    pub years: Vec<YearRange>,
}

/// A concept with its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
}

/// The answer to [`RelatedWish`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The concept that was asked for.
    pub concept: Named,
    /// Its neighbours, strongest first.
    pub neighbours: Vec<Neighbour>,
}

/// A neighbour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Sentences with both.
    pub sentences: u64,
    /// Documents with both in a sentence.
    pub docs: u64,
}

/// The answer to [`ArticlesWish`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Articles {
    /// One concept.
    pub a: Named,
    /// The other.
    pub b: Named,
    /// The articles, strongest first.
    pub articles: Vec<Article>,
}

/// An article with an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its document's id.
    pub doc: String,
    /// Its year, 0 if unknown.
    pub year: u16,
    /// Sentences with both.
    pub sentences: u64,
    /// PageRank of one plus PageRank of the other, in the document.
    pub pagerank: i64,
    /// The first sentence with both: paragraph and sentence number.
    pub first: (u32, u32),
    /// That sentence, read from the payload.
    pub sentence: String,
}

/// The answer to [`SearchWish`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The concepts in the text.
    pub concepts: Vec<Named>,
    /// Edges that touch one of them, strongest first.
    pub edges: Vec<FoundEdge>,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEdge {
    /// One end, the less in byte order.
    pub a: Named,
    /// The other end.
    pub b: Named,
    /// Sentences with both.
    pub sentences: u64,
    /// Documents with both in a sentence.
    pub docs: u64,
}
