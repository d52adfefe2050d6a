//! A merged graph while its ranks are computed. Pure. Memory is per node; edges pass through.

use gleaner_apps::graph::Ranks;
use gleaner_shared::table::{Row, Value};

use super::FinishError;

/// A concept with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    id: String,
    mentions: i64,
    sentences: i64,
    docs: i64,
}

impl Node {
    /// From a row of `concepts`.
    pub(super) fn of(row: Row) -> Result<Self, FinishError> {
        match <[Value; 4]>::try_from(row) {
            Ok(
                [Value::Text(id), Value::Int(mentions), Value::Int(sentences), Value::Int(docs)],
            ) => Ok(Self { id, mentions, sentences, docs }),
            _ => Err(FinishError::Table("concepts")),
        }
    }
}

/// What a pass over all edges is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// The first: to count them.
    Count,
    /// One of the rounds.
    Round,
}

/// See the file's head.
#[derive(Debug)]
pub(super) struct Graph {
    /// In byte order of their ids.
    nodes: Vec<Node>,
    ranks: Ranks,
}

impl Graph {
    /// Of these nodes, which come in byte order of their ids.
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        let ranks = Ranks::new(nodes.len());
        Self { nodes, ranks }
    }

    /// Lets some edges pass, which are rows of `edges`.
    pub(super) fn pass(&mut self, pass: Pass, edges: Vec<Row>) -> Result<(), FinishError> {
        for row in edges {
            let Ok([Value::Text(a), Value::Text(b), Value::Int(weight), Value::Int(_)]) =
                <[Value; 4]>::try_from(row)
            else {
                return Err(FinishError::Table("edges"));
            };
            let (Some(one), Some(other)) = (self.place(&a), self.place(&b)) else {
                return Err(FinishError::End { a, b });
            };
            let weight = u64::try_from(weight).unwrap_or(0);
            match pass {
                Pass::Count => self.ranks.edge(one, other, weight),
                Pass::Round => self.ranks.spread(one, other, weight),
            }
        }
        Ok(())
    }

    /// All edges have passed.
    pub(super) fn passed(&mut self, pass: Pass) {
        if pass == Pass::Round {
            self.ranks.round();
        }
    }

    /// The rows of `nodes`, in order; labels as `label` knows them.
    pub(super) fn rows(self, label: impl Fn(&str) -> String) -> impl Iterator<Item = Row> {
        let Self { nodes, ranks } = self;
        nodes.into_iter().enumerate().map(move |(place, node)| {
            let label = label(&node.id);
            vec![
                Value::Text(node.id),
                Value::Text(label),
                Value::Int(node.mentions),
                Value::Int(node.sentences),
                Value::Int(node.docs),
                Value::Int(ranks.degree(place).try_into().unwrap_or(i64::MAX)),
                Value::Int(ranks.strength(place).try_into().unwrap_or(i64::MAX)),
                Value::Int(ranks.rank(place).try_into().unwrap_or(i64::MAX)),
            ]
        })
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.nodes.binary_search_by(|node| node.id.as_str().cmp(id)).ok()
    }
}
