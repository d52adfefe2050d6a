//! A merged graph while its ranks are computed. Pure. Memory is per node, and for a bounded number
//! of edges; the others pass through, once a round.

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

/// An edge by the places of its ends.
#[derive(Clone, Copy, Debug)]
struct Edge {
    ends: [u32; 2],
    weight: u64,
}

/// See the file's head.
#[derive(Debug)]
pub(super) struct Graph {
    /// In byte order of their ids.
    nodes: Vec<Node>,
    ranks: Ranks,
    /// How many edges may be kept.
    keep: usize,
    /// The first edges, as far as whole pages of them fit.
    kept: Vec<Edge>,
    counted: usize,
    /// The last row that is kept: rounds read on behind it.
    resume: Option<Row>,
}

impl Graph {
    /// Of these nodes, which come in byte order of their ids; it keeps so many edges at most.
    pub(super) fn new(nodes: Vec<Node>, keep: usize) -> Self {
        let ranks = Ranks::new(nodes.len());
        Self { nodes, ranks, keep, kept: Vec::new(), counted: 0, resume: None }
    }

    /// Takes a page of `edges` into account, each once and in order, before the first round.
    pub(super) fn count(&mut self, page: Vec<Row>) -> Result<(), FinishError> {
        let keeps = self.kept.len() == self.counted && self.counted + page.len() <= self.keep;
        self.counted += page.len();
        if keeps && !page.is_empty() {
            self.resume = page.last().cloned();
        }
        for row in page {
            let edge = self.edge(row)?;
            let [a, b] = edge.ends.map(|end| end as usize);
            self.ranks.edge(a, b, edge.weight);
            if keeps {
                self.kept.push(edge);
            }
        }
        Ok(())
    }

    /// Begins a round with the edges that are kept.
    pub(super) fn spread_kept(&mut self) {
        for edge in &self.kept {
            spread(&mut self.ranks, *edge);
        }
    }

    /// Behind which row of `edges` the round goes on.
    pub(super) fn resume(&self) -> Option<Row> {
        self.resume.clone()
    }

    /// Goes on with a page of edges that are not kept.
    pub(super) fn spread(&mut self, page: Vec<Row>) -> Result<(), FinishError> {
        for row in page {
            let edge = self.edge(row)?;
            spread(&mut self.ranks, edge);
        }
        Ok(())
    }

    /// Ends a round.
    pub(super) fn round(&mut self) {
        self.ranks.round();
    }

    /// The rows of `nodes`, in order; labels as `label` knows them.
    pub(super) fn rows(self, label: impl Fn(&str) -> String) -> impl Iterator<Item = Row> {
        let Self { nodes, ranks, .. } = self;
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

    fn edge(&self, row: Row) -> Result<Edge, FinishError> {
        let Ok([Value::Text(a), Value::Text(b), Value::Int(weight), Value::Int(_)]) =
            <[Value; 4]>::try_from(row)
        else {
            return Err(FinishError::Table("edges"));
        };
        match (self.place(&a), self.place(&b)) {
            (Some(one), Some(other)) => {
                // A sum of counts; what is less than nothing counts as nothing.
                Ok(Edge { ends: [one, other], weight: u64::try_from(weight).unwrap_or(0) })
            }
            _ => Err(FinishError::End { a, b }),
        }
    }

    fn place(&self, id: &str) -> Option<u32> {
        let found = self.nodes.binary_search_by(|node| node.id.as_str().cmp(id)).ok()?;
        u32::try_from(found).ok()
    }
}

fn spread(ranks: &mut Ranks, edge: Edge) {
    let [a, b] = edge.ends.map(|end| end as usize);
    ranks.spread(a, b, edge.weight);
}

#[cfg(test)]
mod tests {
    use gleaner_apps::graph::ROUNDS;

    use super::*;

    fn row(words: &str) -> Row {
        let value = |word: &str| match word.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Text(word.into()),
        };
        words.split(' ').map(value).collect()
    }

    fn nodes() -> Vec<Node> {
        ["A 3 3 2", "B 2 2 2", "C 2 2 2", "D 1 1 1"].map(|node| Node::of(row(node)).unwrap()).into()
    }

    /// Ranks with so many edges kept, and so many rows a page.
    fn ranks(keep: usize, page: usize) -> Vec<Row> {
        let edges = ["A B 2 2", "A C 2 2", "B C 1 1"].map(row);
        let mut graph = Graph::new(nodes(), keep);
        edges.chunks(page).for_each(|page| graph.count(page.to_vec()).unwrap());
        assert!(graph.kept.len() <= keep);
        for _ in 0..ROUNDS {
            graph.spread_kept();
            let resume = graph.resume();
            let rest = edges.iter().filter(|edge| resume.as_ref().is_none_or(|last| *edge > last));
            graph.spread(rest.cloned().collect()).unwrap();
            graph.round();
        }
        graph.rows(str::to_lowercase).collect()
    }

    #[test]
    fn what_is_kept_and_what_is_read_again_give_the_same_ranks() {
        let wanted = [
            "A a 3 3 2 2 4 324589289379",
            "B b 2 2 2 2 3 250022215711",
            "C c 2 2 2 2 3 250022215711",
            "D d 1 1 1 0 0 41231686041",
        ]
        .map(row);
        for (keep, page) in [(0, 1), (1, 1), (2, 1), (3, 1), (9, 1), (1, 2), (2, 2), (3, 3)] {
            assert_eq!(ranks(keep, page), wanted, "{keep} kept, {page} a page");
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_named() {
        assert!(matches!(Node::of(row("A 1 1")), Err(FinishError::Table("concepts"))));
        let mut graph = Graph::new(nodes(), 9);
        let narrow = graph.count(vec![row("A B 1")]).unwrap_err();
        assert!(matches!(narrow, FinishError::Table("edges")));
        let lost = graph.count(vec![row("A Z 1 1")]).unwrap_err();
        assert_eq!(lost.to_string(), "edge A, Z has an end that is no concept of the job");
    }
}
