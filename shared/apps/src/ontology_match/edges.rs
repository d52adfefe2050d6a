//! G1, the graph of one document: concepts that stand together in sentences, and their ranks.

use std::collections::BTreeMap;

use crate::dictionary::ConceptIndex;
use crate::graph::{ROUNDS, Ranks};

/// Concepts of a sentence that still give edges; the sentences above it would drown the rest.
const EDGE_CONCEPTS_MAX: usize = 64;

/// What is counted of a document, sentence by sentence.
#[derive(Debug, Default)]
pub(super) struct Counting {
    nodes: BTreeMap<ConceptIndex, Counts>,
    edges: BTreeMap<(ConceptIndex, ConceptIndex), u32>,
    oversize: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    mentions: u32,
    sentences: u32,
}

/// A concept of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) concept: ConceptIndex,
    pub(super) mentions: u32,
    pub(super) sentences: u32,
    /// Sum of the weights of its edges.
    pub(super) strength: u64,
    pub(super) pagerank: u64,
}

/// The graph of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Graph {
    /// By rank, the first one first.
    pub(super) nodes: Vec<Node>,
    /// Sentences with both ends, by ends; the lesser end first.
    pub(super) edges: BTreeMap<(ConceptIndex, ConceptIndex), u32>,
    /// Sentences with too many concepts for edges.
    pub(super) oversize: u32,
}

impl Counting {
    /// Counts the mentions of one sentence; `concepts` is sorted here, and emptied.
    pub(super) fn sentence(&mut self, concepts: &mut Vec<ConceptIndex>) {
        for concept in concepts.iter() {
            self.nodes.entry(*concept).or_default().mentions += 1;
        }
        concepts.sort_unstable();
        concepts.dedup();
        for concept in concepts.iter() {
            self.nodes.entry(*concept).or_default().sentences += 1;
        }
        if concepts.len() > EDGE_CONCEPTS_MAX {
            self.oversize += 1;
        } else {
            for (at, a) in concepts.iter().enumerate() {
                for b in &concepts[at + 1..] {
                    *self.edges.entry((*a, *b)).or_default() += 1;
                }
            }
        }
        concepts.clear();
    }

    /// Distinct concepts and edges so far.
    pub(super) fn len(&self) -> usize {
        self.nodes.len() + self.edges.len()
    }

    /// Ranks what was counted.
    pub(super) fn ranked(self) -> Graph {
        let places: BTreeMap<ConceptIndex, usize> =
            self.nodes.keys().enumerate().map(|(place, concept)| (*concept, place)).collect();
        let ends = |((a, b), weight): (&(ConceptIndex, ConceptIndex), &u32)| {
            (places[a], places[b], u64::from(*weight))
        };
        let edges: Vec<(usize, usize, u64)> = self.edges.iter().map(ends).collect();
        let ranks = ranks(places.len(), &edges);
        let node = |(place, (concept, counts)): (usize, (&ConceptIndex, &Counts))| Node {
            concept: *concept,
            mentions: counts.mentions,
            sentences: counts.sentences,
            strength: u64::try_from(ranks.strength(place)).expect("a sum of few 32-bit weights"),
            pagerank: ranks.rank(place),
        };
        let mut nodes: Vec<Node> = self.nodes.iter().enumerate().map(node).collect();
        nodes.sort_by(|one, other| {
            let by_rank = other.pagerank.cmp(&one.pagerank);
            by_rank.then(other.mentions.cmp(&one.mentions)).then(one.concept.cmp(&other.concept))
        });
        Graph { nodes, edges: self.edges, oversize: self.oversize }
    }
}

fn ranks(nodes: usize, edges: &[(usize, usize, u64)]) -> Ranks {
    let mut ranks = Ranks::new(nodes);
    for (a, b, weight) in edges {
        ranks.edge(*a, *b, *weight);
    }
    for _ in 0..ROUNDS {
        for (a, b, weight) in edges {
            ranks.spread(*a, *b, *weight);
        }
        ranks.round();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(sentences: &[&[u32]]) -> Graph {
        let mut counting = Counting::default();
        for sentence in sentences {
            counting.sentence(&mut sentence.iter().map(|index| ConceptIndex(*index)).collect());
        }
        counting.ranked()
    }

    #[test]
    fn a_sentence_counts_once_for_a_pair_and_often_for_mentions() {
        let graph = counted(&[&[2, 1, 2, 1], &[1], &[]]);
        let edges: Vec<_> = graph.edges.into_iter().collect();
        assert_eq!(edges, [((ConceptIndex(1), ConceptIndex(2)), 1)]);
        let nodes: Vec<_> = graph
            .nodes
            .iter()
            .map(|node| (node.concept.0, node.mentions, node.sentences))
            .collect();
        assert_eq!(nodes, [(1, 3, 2), (2, 2, 1)]);
    }

    #[test]
    fn a_sentence_of_too_many_concepts_gives_mentions_and_no_edges() {
        let many: Vec<u32> = (0..65).collect();
        let graph = counted(&[&many]);
        assert_eq!((graph.nodes.len(), graph.edges.len(), graph.oversize), (65, 0, 1));
        let graph = counted(&[&many[..64]]);
        assert_eq!((graph.nodes.len(), graph.edges.len(), graph.oversize), (64, 2_016, 0));
    }

    #[test]
    fn equal_ranks_go_by_mentions_then_by_id() {
        let graph = counted(&[&[3], &[2, 2], &[1]]);
        let order: Vec<u32> = graph.nodes.iter().map(|node| node.concept.0).collect();
        assert_eq!(order, [2, 1, 3]);
    }
}
