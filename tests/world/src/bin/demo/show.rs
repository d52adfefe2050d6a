//! The top of a knowledge graph, as text that fits 80 columns.

use std::collections::BTreeMap;

/// Rows that are shown of each table.
const ROWS: usize = 8;

/// A row of a TSV file, by column name.
type Row<'a> = BTreeMap<&'a str, &'a str>;

/// The concepts with the highest PageRank.
pub(crate) fn top_concepts(nodes: &str) -> String {
    let mut rows = rows(nodes);
    rows.sort_by_key(|row| std::cmp::Reverse(number(row, "pagerank")));
    let mut text = "\nThe top concepts, by PageRank:\n".to_owned();
    for row in rows.iter().take(ROWS) {
        let (label, docs) = (cell(row, "label"), cell(row, "docs"));
        text.push_str(&format!("  {label:<40} {docs:>4} articles\n"));
    }
    text
}

/// The edges with the most sentences.
pub(crate) fn strongest_edges(edges: &str, nodes: &str) -> String {
    let labels = labels(nodes);
    let mut rows = rows(edges);
    rows.sort_by_key(|row| std::cmp::Reverse(number(row, "sentences")));
    let mut text = "The strongest edges, by sentences that name both:\n".to_owned();
    for row in rows.iter().take(ROWS) {
        let name = |column| label(&labels, cell(row, column));
        let pair = format!("{} - {}", name("a"), name("b"));
        text.push_str(&format!("  {pair:<52} {:>4} sentences\n", cell(row, "sentences")));
    }
    text
}

/// The concepts of the article with the most concepts, ranked.
pub(crate) fn ranking(doc_nodes: &str, nodes: &str) -> String {
    let labels = labels(nodes);
    let rows = rows(doc_nodes);
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *sizes.entry(cell(row, "doc")).or_default() += 1;
    }
    let Some((doc, size)) = sizes.into_iter().max_by_key(|(_, size)| *size) else {
        return "No article names a concept.".to_owned();
    };
    let mut text = format!("What article {doc} is about ({size} concepts):\n");
    for row in rows.iter().filter(|row| cell(row, "doc") == doc).take(ROWS) {
        let (rank, mentions) = (cell(row, "rank"), cell(row, "mentions"));
        let name = label(&labels, cell(row, "concept"));
        text.push_str(&format!("  {rank:>2}  {name:<40} {mentions:>4} mentions\n"));
    }
    text
}

fn rows(tsv: &str) -> Vec<Row<'_>> {
    let mut lines = tsv.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines.map(|line| header.iter().copied().zip(line.split('\t')).collect()).collect()
}

fn cell<'a>(row: &Row<'a>, column: &str) -> &'a str {
    row.get(column).copied().unwrap_or("?")
}

fn number(row: &Row<'_>, column: &str) -> i64 {
    cell(row, column).parse().unwrap_or(0)
}

fn labels(nodes: &str) -> BTreeMap<&str, &str> {
    rows(nodes).iter().map(|row| (cell(row, "concept"), cell(row, "label"))).collect()
}

fn label<'a>(labels: &BTreeMap<&'a str, &'a str>, concept: &'a str) -> &'a str {
    labels.get(concept).copied().unwrap_or(concept)
}
