//! Questions to a graph, against answers made by hand from the same rows.

use std::sync::Arc;

use gleaner_engine::effect::Write;
use gleaner_shared::table::{Column, ColumnType, Row, Rule, Spread, Table, Value};
use gleaner_shared::wire::admin::query::YearRange;
use gleaner_store::{ArticleFound, Batch, JobInsert, Store};

use crate::scene::{JOB, batch, job_insert, open, row, slices_make, text};

const fn key(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, rule: Rule::Key }
}
const fn number(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Int, rule: Rule::Once }
}
const TEXT: ColumnType = ColumnType::Text;
const INT: ColumnType = ColumnType::Int;

const fn table(name: &'static str, columns: &'static [Column]) -> Table {
    Table { name, columns, spread: Spread::Unit }
}

pub(crate) static UNKNOWN: Table = table("unknown", &[key("a", TEXT)]);

static GRAPH: [Table; 6] = [
    table("docs", &[key("doc", TEXT), number("year")]),
    table(
        "mentions",
        &[
            key("doc", TEXT),
            key("paragraph", INT),
            key("sentence", INT),
            key("start", INT),
            number("end"),
            Column { name: "concept", kind: TEXT, rule: Rule::Once },
        ],
    ),
    table("doc_nodes", &[key("doc", TEXT), key("concept", TEXT), number("pagerank")]),
    table("doc_edges", &[key("doc", TEXT), key("a", TEXT), key("b", TEXT), number("sentences")]),
    table("edges", &[key("a", TEXT), key("b", TEXT), number("sentences"), number("docs")]),
    table(
        "edge_years",
        &[key("a", TEXT), key("b", TEXT), key("year", INT), number("sentences"), number("docs")],
    ),
];

/// Rows written as words: `a b 3`; what is a number is one.
async fn fill(store: &Store, table: &'static Table, rows: &[&str]) {
    let value = |word: &str| word.parse().map_or_else(|_| text(word), Value::Int);
    let rows: Vec<Row> = rows.iter().map(|row| row.split(' ').map(value).collect()).collect();
    store.finish_replace(JOB, 1, table, rows.into_iter()).await.unwrap();
}

async fn graph() -> (tempfile::TempDir, Store) {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let add = slices_make(&store, "demo", 1).await;
    store.corpus_end(add).await.unwrap();
    // As derived tables, so that the rows can be written as they are.
    let job = JobInsert { tables: &[], derived: &GRAPH, ..job_insert(add.corpus) };
    let writes = vec![Write::JobPut { job: JOB, row: row(1, 0) }];
    let tables = Arc::default();
    store.commit(Batch { jobs: vec![job], writes, tables, ..batch(0) }).await.unwrap();
    let [docs, mentions, nodes, doc_edges, edges, years] = GRAPH.each_ref();
    fill(&store, docs, &["d1 2003", "d2 2020", "d3 0", "d4 2020"]).await;
    let said = [
        "d1 0 5 0 1 A",
        "d1 1 2 0 1 A",
        "d1 1 2 4 5 B",
        "d1 0 9 3 4 B",
        "d1 0 9 0 1 A",
        "d2 3 0 0 1 B",
        "d2 3 0 2 3 A",
        "d3 0 0 0 1 A",
        "d3 0 0 3 4 B",
        "d4 10 2 0 1 A",
        "d4 2 11 0 1 A",
        "d4 2 11 5 6 B",
        "d4 10 2 3 4 B",
    ];
    fill(&store, mentions, &said).await;
    let ranks = ["d1 A 10", "d1 B 5", "d2 A 1", "d2 B 1", "d3 A 8", "d3 B 7", "d4 A 9", "d4 B 6"];
    fill(&store, nodes, &ranks).await;
    fill(&store, doc_edges, &["d1 A B 2", "d2 A B 9", "d3 A B 2", "d4 A B 2", "d4 A C 7"]).await;
    fill(&store, edges, &["A B 15 4", "A C 7 1", "B D 15 9", "C D 7 1", "B E 15 4", "a b 99 9"])
        .await;
    let by_year = [
        "A B 2003 2 1",
        "A B 2020 11 2",
        "A B 0 2 1",
        "A C 2020 7 1",
        "B D 2019 15 9",
        "B E 2003 9 1",
        "B E 2020 6 3",
    ];
    fill(&store, years, &by_year).await;
    (folder, store)
}

fn years(ranges: &[(u16, u16)]) -> Vec<YearRange> {
    ranges.iter().map(|&(first, last)| YearRange { first, last }).collect()
}

async fn related(store: &Store, concept: &str, limit: u32, ranges: &[(u16, u16)]) -> String {
    let found = store.related(JOB, concept, limit, &years(ranges)).await.unwrap();
    let found = found.iter().map(|to| format!("{}:{}/{}", to.concept, to.sentences, to.docs));
    found.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn neighbours_come_strongest_first() {
    let (_folder, store) = graph().await;
    assert_eq!(related(&store, "B", 9, &[]).await, "D:15/9 A:15/4 E:15/4");
    assert_eq!(related(&store, "B", 2, &[]).await, "D:15/9 A:15/4");
    assert_eq!(related(&store, "D", 9, &[]).await, "B:15/9 C:7/1");
    assert_eq!(related(&store, "X", 9, &[]).await, "");
    assert_eq!(related(&store, "B", 9, &[(2003, 2003), (2020, 2030)]).await, "E:15/4 A:13/3");
    assert_eq!(related(&store, "A", 9, &[(0, 0)]).await, "B:2/1");
    assert_eq!(related(&store, "A", 9, &[(1990, 1999)]).await, "");
}

#[tokio::test]
async fn edges_of_several_concepts_come_once() {
    let (_folder, store) = graph().await;
    let search = async |concepts: &[&str], ranges: &[(u16, u16)]| {
        let concepts: Vec<String> = concepts.iter().map(|concept| (*concept).to_owned()).collect();
        let found = store.search_edges(JOB, &concepts, 9, &years(ranges)).await.unwrap();
        let found = found.iter().map(|edge| format!("{}{}:{}", edge.a, edge.b, edge.sentences));
        found.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(search(&["A", "B"], &[]).await, "BD:15 AB:15 BE:15 AC:7");
    assert_eq!(search(&["C", "D"], &[]).await, "BD:15 AC:7 CD:7");
    assert_eq!(search(&["A", "B"], &[(2020, 2020)]).await, "AB:11 AC:7 BE:6");
    assert_eq!(search(&[], &[]).await, "");
    assert_eq!(search(&["'", "x"], &[]).await, "");
}

#[tokio::test]
async fn articles_come_with_their_first_sentence() {
    let (_folder, store) = graph().await;
    let article = |doc: &str, year, sentences, pagerank, first| ArticleFound {
        doc: doc.into(),
        year,
        sentences,
        pagerank,
        first,
    };
    let all = [
        article("d2", 2020, 9, 2, (3, 0)),
        article("d1", 2003, 2, 15, (0, 9)),
        article("d3", 0, 2, 15, (0, 0)),
        article("d4", 2020, 2, 15, (2, 11)),
    ];
    for pair in [("A", "B"), ("B", "A")] {
        assert_eq!(store.articles(JOB, pair, 9, &[]).await.unwrap(), all);
    }
    assert_eq!(store.articles(JOB, ("A", "B"), 1, &[]).await.unwrap(), all[..1]);
    let old = store.articles(JOB, ("A", "B"), 9, &years(&[(0, 0), (2000, 2010)])).await.unwrap();
    assert_eq!(old, all[1..3]);
    assert!(store.articles(JOB, ("B", "D"), 9, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn questions_use_an_index() {
    let (folder, store) = graph().await;
    store.close().await;
    use sqlx::{Connection as _, Row as _};
    let file = crate::scene::options(folder.path()).database;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    for select in [
        "SELECT * FROM job1_edges WHERE b = 'x'",
        "SELECT * FROM job1_edge_years WHERE b IN ('x', 'y')",
        "SELECT * FROM job1_doc_edges WHERE a = 'x' AND b = 'y'",
        "SELECT * FROM unit WHERE (job, slice, first, count) IN (VALUES (1, 2, 3, 4))",
        "SELECT * FROM result WHERE (job, slice, first, count) IN (VALUES (1, 2, 3, 4))",
        "SELECT * FROM settled WHERE (job, slice, first, count) IN (VALUES (1, 2, 3, 4))",
        "SELECT * FROM settled WHERE job = 1 AND failure IS NOT NULL ORDER BY slice, first, count",
        "SELECT * FROM job JOIN slice ON slice.corpus = job.corpus \
         WHERE job.digest = x'00' AND slice.digest = x'00'",
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {select}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let plan: Vec<String> = plan.iter().map(|step| step.get(3)).collect();
        let scans =
            plan.iter().filter(|step| step.starts_with("SCAN ") && !step.contains("CONSTANT ROW"));
        assert_eq!(scans.collect::<Vec<_>>(), Vec::<&String>::new(), "{select}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{select}: {plan:?}");
    }
}
