//! G1, the ranks of a weighted graph: PageRank on integers, so that all machines agree.
//!
//! Nodes are numbers; edges are handed in again for each round and never kept, so memory is per node.

/// Rounds after which the ranks are final.
pub const ROUNDS: usize = 20;

/// What all ranks sum up to, at most.
const ONE: u64 = 1 << 40;
/// Of a hundred, how much of its rank a node hands on.
const DAMPING: u128 = 85;

/// Ranks in the making.
///
/// First each edge goes to [`Ranks::edge`] once, then [`ROUNDS`] times each edge to
/// [`Ranks::spread`] and, after the last one, [`Ranks::round`]. The order of edges means nothing.
#[derive(Clone, Debug)]
pub struct Ranks {
    base: u64,
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    degree: u64,
    strength: u128,
    rank: u64,
    next: u64,
}

impl Ranks {
    /// Of a graph of so many nodes, without edges.
    pub fn new(nodes: usize) -> Self {
        let n = (nodes as u64).max(1);
        let base = 15 * ONE / (100 * n);
        let node = Node { rank: ONE / n, next: base, ..Node::default() };
        Self { base, nodes: vec![node; nodes] }
    }

    /// Takes an edge into account. An edge has two different ends, and comes once.
    ///
    /// # Panics
    /// There is no such node.
    pub fn edge(&mut self, a: usize, b: usize, weight: u64) {
        for node in [a, b] {
            self.nodes[node].degree += 1;
            self.nodes[node].strength += u128::from(weight);
        }
    }

    /// Lets both ends of an edge hand on their part of this round.
    ///
    /// # Panics
    /// There is no such node.
    pub fn spread(&mut self, a: usize, b: usize, weight: u64) {
        self.nodes[b].next += self.nodes[a].share(weight);
        self.nodes[a].next += self.nodes[b].share(weight);
    }

    /// Ends a round.
    pub fn round(&mut self) {
        for node in &mut self.nodes {
            node.rank = core::mem::replace(&mut node.next, self.base);
        }
    }

    /// How many edges a node has.
    pub fn degree(&self, node: usize) -> u64 {
        self.nodes[node].degree
    }

    /// The sum of the weights of a node's edges.
    pub fn strength(&self, node: usize) -> u128 {
        self.nodes[node].strength
    }

    /// A node's rank, in parts of 2^40.
    pub fn rank(&self, node: usize) -> u64 {
        self.nodes[node].rank
    }
}

impl Node {
    /// What it hands on over an edge of this weight: less than 2^40, since no rank is more.
    fn share(&self, weight: u64) -> u64 {
        let part = DAMPING * u128::from(self.rank) * u128::from(weight);
        let share = part.checked_div(100 * self.strength).unwrap_or(0);
        u64::try_from(share).unwrap_or(ONE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranks(nodes: usize, edges: &[(usize, usize, u64)]) -> Ranks {
        let mut ranks = Ranks::new(nodes);
        edges.iter().for_each(|(a, b, weight)| ranks.edge(*a, *b, *weight));
        for _ in 0..ROUNDS {
            edges.iter().for_each(|(a, b, weight)| ranks.spread(*a, *b, *weight));
            ranks.round();
        }
        ranks
    }

    #[test]
    fn the_specs_example_has_the_specs_ranks() {
        let ranks = ranks(4, &[(0, 1, 2), (0, 2, 2), (1, 2, 1)]);
        let found: Vec<u64> = (0..4).map(|node| ranks.rank(node)).collect();
        assert_eq!(found, [324_589_289_379, 250_022_215_711, 250_022_215_711, 41_231_686_041]);
        assert_eq!([0, 1, 2, 3].map(|node| ranks.strength(node)), [4, 3, 3, 0]);
        assert_eq!([0, 1, 2, 3].map(|node| ranks.degree(node)), [2, 2, 2, 0]);
    }

    #[test]
    fn a_graph_of_nothing_has_no_ranks() {
        assert!(ranks(0, &[]).nodes.is_empty());
    }

    /// The rule as it is written, over all neighbours of each node.
    fn plain(nodes: usize, edges: &[(usize, usize, u64)]) -> Vec<u128> {
        let one = 1_u128 << 40;
        let n = nodes as u128;
        let near = |i: usize| {
            edges.iter().filter_map(move |(a, b, w)| match () {
                () if *a == i => Some((*b, u128::from(*w))),
                () if *b == i => Some((*a, u128::from(*w))),
                () => None,
            })
        };
        let strength: Vec<u128> = (0..nodes).map(|i| near(i).map(|(_, w)| w).sum()).collect();
        let mut ranks = vec![one / n; nodes];
        for _ in 0..20 {
            let next = |i| {
                let shares = near(i).map(|(j, w)| 85 * ranks[j] * w / (100 * strength[j]));
                15 * one / (100 * n) + shares.sum::<u128>()
            };
            ranks = (0..nodes).map(next).collect();
        }
        ranks
    }

    proptest! {
        #[test]
        fn any_order_gives_the_written_rule(
            nodes in 2_usize..9,
            picks in prop::collection::btree_map((0_usize..9, 0_usize..9), any::<u64>(), 0..20),
        ) {
            let inside = |((a, b), weight)| (a < b && b < nodes).then_some((a, b, weight));
            let mut edges: Vec<(usize, usize, u64)> = picks.into_iter().filter_map(inside).collect();
            let forwards = ranks(nodes, &edges);
            edges.reverse();
            let backwards = ranks(nodes, &edges);
            // Zero weights on all edges of a node: nothing is handed on, where the rule divides by 0.
            prop_assume!((0..nodes).all(|node| forwards.degree(node) == 0 || forwards.strength(node) > 0));
            let found: Vec<u128> = (0..nodes).map(|node| forwards.rank(node).into()).collect();
            prop_assert_eq!(&found, &plain(nodes, &edges));
            let found_backwards: Vec<u128> = (0..nodes).map(|node| backwards.rank(node).into()).collect();
            prop_assert_eq!(found, found_backwards);
        }
    }
}
