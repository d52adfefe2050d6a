//! What `ontology-match` writes: tables, the one that is derived, and the files of an export.

use gleaner_shared::table::{Column, ColumnType, Rule, Spread, Table};

use crate::app::Finish;
use crate::export::{Export, Source};

const fn text(name: &'static str, rule: Rule) -> Column {
    Column { name, kind: ColumnType::Text, rule }
}

const fn int(name: &'static str, rule: Rule) -> Column {
    Column { name, kind: ColumnType::Int, rule }
}

/// In the order in which `rows` fills them.
pub(crate) const TABLES: &[Table] =
    &[DOCS, MENTIONS, DOC_NODES, DOC_EDGES, CONCEPTS, EDGES, EDGE_YEARS];

/// Places of [`TABLES`].
pub(super) mod place {
    pub(crate) const DOCS: usize = 0;
    pub(crate) const MENTIONS: usize = 1;
    pub(crate) const DOC_NODES: usize = 2;
    pub(crate) const DOC_EDGES: usize = 3;
    pub(crate) const CONCEPTS: usize = 4;
    pub(crate) const EDGES: usize = 5;
    pub(crate) const EDGE_YEARS: usize = 6;
}

const DOCS: Table = Table {
    name: "docs",
    columns: &[
        text("doc", Rule::Key),
        text("kind", Rule::Once),
        int("year", Rule::Once),
        int("en_hits", Rule::Once),
        int("en_words", Rule::Once),
        int("english", Rule::Once),
        int("paragraphs", Rule::Once),
        int("sentences", Rule::Once),
        int("text_bytes", Rule::Once),
        int("mentions", Rule::Once),
        int("concepts", Rule::Once),
        int("edges", Rule::Once),
        int("oversize", Rule::Once),
        text("text_sha256", Rule::Once),
        text("sentences_sha256", Rule::Once),
    ],
    spread: Spread::Unit,
};

const MENTIONS: Table = Table {
    name: "mentions",
    columns: &[
        text("doc", Rule::Key),
        int("paragraph", Rule::Key),
        int("sentence", Rule::Key),
        int("start", Rule::Key),
        int("end", Rule::Once),
        text("concept", Rule::Once),
    ],
    spread: Spread::Unit,
};

const DOC_NODES: Table = Table {
    name: "doc_nodes",
    columns: &[
        text("doc", Rule::Key),
        int("rank", Rule::Key),
        text("concept", Rule::Once),
        int("mentions", Rule::Once),
        int("sentences", Rule::Once),
        int("strength", Rule::Once),
        int("pagerank", Rule::Once),
    ],
    spread: Spread::Unit,
};

const DOC_EDGES: Table = Table {
    name: "doc_edges",
    columns: &[
        text("doc", Rule::Key),
        text("a", Rule::Key),
        text("b", Rule::Key),
        int("sentences", Rule::Once),
    ],
    spread: Spread::Unit,
};

const CONCEPTS: Table = Table {
    name: "concepts",
    columns: &[
        text("concept", Rule::Key),
        int("mentions", Rule::Sum),
        int("sentences", Rule::Sum),
        int("docs", Rule::Sum),
    ],
    spread: Spread::Shared,
};

const EDGES: Table = Table {
    name: "edges",
    columns: &[
        text("a", Rule::Key),
        text("b", Rule::Key),
        int("sentences", Rule::Sum),
        int("docs", Rule::Sum),
    ],
    spread: Spread::Shared,
};

const EDGE_YEARS: Table = Table {
    name: "edge_years",
    columns: &[
        text("a", Rule::Key),
        text("b", Rule::Key),
        int("year", Rule::Key),
        int("sentences", Rule::Sum),
        int("docs", Rule::Sum),
    ],
    spread: Spread::Shared,
};

/// PageRank over the summed graph.
pub(crate) const FINISH: Finish =
    Finish { name: "graph-rank", tables: &[NODES], rows_of: &["concepts"] };

const NODES: Table = Table {
    name: "nodes",
    columns: &[
        text("concept", Rule::Key),
        text("label", Rule::Once),
        int("mentions", Rule::Once),
        int("sentences", Rule::Once),
        int("docs", Rule::Once),
        int("degree", Rule::Once),
        int("strength", Rule::Once),
        int("pagerank", Rule::Once),
    ],
    spread: Spread::Unit,
};

/// The files of the specification's section 10.
pub(crate) const EXPORTS: &[Export] = &[
    Export {
        file: "dictionary.tsv",
        source: Source::Dictionary,
        columns: &["key", "mode", "class", "concept"],
        order: &["key", "mode"],
    },
    table("docs.tsv", "docs", DOCS_COLUMNS, &["doc"]),
    table(
        "mentions.tsv",
        "mentions",
        &["doc", "paragraph", "sentence", "start", "end", "concept"],
        &["doc", "paragraph", "sentence", "start"],
    ),
    table(
        "doc_nodes.tsv",
        "doc_nodes",
        &["doc", "rank", "concept", "mentions", "sentences", "strength", "pagerank"],
        &["doc", "rank"],
    ),
    table("doc_edges.tsv", "doc_edges", &["doc", "a", "b", "sentences"], &["doc", "a", "b"]),
    Export {
        file: "nodes.tsv",
        source: Source::Derived("nodes"),
        columns: &[
            "concept",
            "label",
            "mentions",
            "sentences",
            "docs",
            "degree",
            "strength",
            "pagerank",
        ],
        order: &["concept"],
    },
    table("edges.tsv", "edges", &["a", "b", "sentences", "docs"], &["a", "b"]),
    table(
        "edge_years.tsv",
        "edge_years",
        &["a", "b", "year", "sentences", "docs"],
        &["a", "b", "year"],
    ),
];

const DOCS_COLUMNS: &[&str] = &[
    "doc",
    "kind",
    "year",
    "en_hits",
    "en_words",
    "english",
    "paragraphs",
    "sentences",
    "text_bytes",
    "mentions",
    "concepts",
    "edges",
    "oversize",
    "text_sha256",
    "sentences_sha256",
];

const fn table(
    file: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
    order: &'static [&'static str],
) -> Export {
    Export { file, source: Source::Table(name), columns, order }
}
