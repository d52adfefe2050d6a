//! Results and questions: what is answered, what is refused and why.

use std::fmt::Write as _;

use gleaner_shared::id::Digest;
use gleaner_shared::limits::{QUERY_ROWS_MAX, SEARCH_TEXT_BYTES_MAX};
use gleaner_shared::table::Value;
use gleaner_shared::wire::admin::query::{ArticlesWish, RelatedWish, SearchWish};
use gleaner_shared::wire::admin::{ProblemKind, Reply, Request};

use super::scene::{Scene, dictionary, document, wish};

fn export(job: &str) -> Request {
    Request::ResultExports { job: job.into() }
}

fn rows(job: &str, file: &str) -> Request {
    Request::ResultRows { job: job.into(), file: file.into() }
}

fn search(job: &str, text: &str, limit: u32) -> Request {
    let (job, text) = (job.into(), text.into());
    Request::Search(SearchWish { job, text, limit, years: Vec::new() })
}

fn related(job: &str, concept: &str) -> Request {
    let (job, concept) = (job.into(), concept.into());
    Request::Related(RelatedWish { job, concept, limit: 10, years: Vec::new() })
}

fn articles(job: &str, a: &str, b: &str) -> Request {
    let (job, a, b) = (job.into(), a.into(), b.into());
    Request::Articles(ArticlesWish { job, a, b, limit: 10, years: Vec::new() })
}

async fn fever(scene: &Scene) -> Digest {
    let paragraphs = ["It began. A Fever  and a cough came."];
    scene.corpus_add("texts", &[document("d1", 2003, &paragraphs)], 1_024).await;
    scene.data_put(&dictionary(&[("A:1", "fever"), ("B:2", "cough"), ("C:3", "ague")])).await
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_why() {
    let scene = Scene::new().await;
    let data = fever(&scene).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    scene.done(wish("words", "word-count", None)).await;
    scene.submit(wish("open", "word-count@1", None)).await;
    let long = "x".repeat(SEARCH_TEXT_BYTES_MAX + 1);
    for (request, kind, why) in [
        (export("open"), ProblemKind::Conflict, "0 units of it are settled"),
        (rows("open", "words"), ProblemKind::Conflict, "0 units of it are settled"),
        (export("none"), ProblemKind::NotFound, "no such job"),
        (rows("words", "edges"), ProblemKind::NotFound, "no file \"edges\""),
        (Request::ResultTables { job: "none".into() }, ProblemKind::NotFound, "no such job"),
        (related("words", "A:1"), ProblemKind::Usage, "makes no knowledge graph"),
        (related("graph", "Z:9"), ProblemKind::NotFound, "no concept \"Z:9\""),
        (articles("graph", "A:1", "Z:9"), ProblemKind::NotFound, "no concept \"Z:9\""),
        (articles("none", "A:1", "B:2"), ProblemKind::NotFound, "no such job"),
        (search("graph", &long, 10), ProblemKind::Limit, "at most 4096 fit"),
    ] {
        let problem = scene.problem(&request).await;
        assert_eq!(problem.kind, kind, "{problem:?}");
        assert!(problem.why.contains(why), "{problem:?}");
        assert!(!problem.next.is_empty(), "{problem:?}");
    }
}

#[tokio::test]
async fn an_article_shows_its_canonical_sentence() {
    let scene = Scene::new().await;
    let data = fever(&scene).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    for (a, b) in [("A:1", "B:2"), ("B:2", "A:1")] {
        let Reply::Articles(found) = scene.reply(&articles("graph", a, b)).await else { panic!() };
        assert_eq!((found.a.id.as_str(), found.b.id.as_str()), (a, b));
        let [article] = &found.articles[..] else { panic!("{found:?}") };
        assert_eq!((article.doc.as_str(), article.year), ("d1", 2003));
        assert_eq!(
            (article.first, article.sentence.as_str()),
            ((0, 1), "A Fever and a cough came.")
        );
    }
    for (a, b) in [("A:1", "C:3"), ("A:1", "A:1")] {
        let Reply::Articles(found) = scene.reply(&articles("graph", a, b)).await else { panic!() };
        assert_eq!(found.articles, []);
    }
}

#[tokio::test]
async fn the_concepts_of_a_text_are_told_in_order_and_once() {
    let scene = Scene::new().await;
    let data = fever(&scene).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    for (text, concepts, edges) in [
        ("cough, FEVER\u{a0}or a cough?", "A:1 fever, B:2 cough", 1),
        ("agues", "C:3 ague", 0),
        ("feverish", "", 0),
        ("", "", 0),
    ] {
        let Reply::Found(found) = scene.reply(&search("graph", text, 10)).await else { panic!() };
        let told = found.concepts.iter().map(|concept| format!("{} {}", concept.id, concept.label));
        assert_eq!(told.collect::<Vec<_>>().join(", "), concepts, "{text}");
        assert_eq!(found.edges.len(), edges, "{text}");
    }
}

#[tokio::test]
async fn an_answer_over_a_frame_is_refused_and_the_stream_goes_on() {
    let scene = Scene::new().await;
    let letters = || (b'a'..=b'z').map(char::from);
    let words: Vec<String> = letters()
        .flat_map(|a| letters().map(move |b| format!("longword{a}{b}")))
        .take(60)
        .collect();
    let text = words.iter().fold(String::new(), |mut text, word| {
        write!(text, "the {word} ").unwrap();
        text
    });
    scene.corpus_add("texts", &[document("d1", 0, &[&text])], 1_024).await;
    let labels: Vec<(&str, &str)> =
        words.iter().map(|word| (word.as_str(), word.as_str())).collect();
    let data = scene.data_put(&dictionary(&labels)).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    let mut stream = scene.open();
    stream.send(&search("graph", &text, QUERY_ROWS_MAX)).await.unwrap();
    let Reply::Failed(problem) = stream.receive().await.unwrap() else { panic!() };
    assert_eq!(problem.kind, ProblemKind::Limit, "{problem:?}");
    stream.send(&search("graph", &text, 100)).await.unwrap();
    let Reply::Found(found) = stream.receive().await.unwrap() else { panic!() };
    assert_eq!((found.concepts.len(), found.edges.len()), (60, 100));
}

#[tokio::test]
async fn rows_of_many_frames_come_whole_and_in_order() {
    let scene = Scene::new().await;
    let words: Vec<String> = (0..20_000).map(|number| format!("w{number}")).collect();
    let text = words.join(" ");
    scene.corpus_add("texts", &[document("d1", 0, &[&text, "w7"])], 1_024).await;
    scene.done(wish("words", "word-count", None)).await;
    let Reply::Exports(files) = scene.reply(&export("words")).await else { panic!() };
    assert_eq!((files[0].name.as_str(), files[0].rows), ("words", 20_000));
    assert!(scene.replies(&rows("words", "words")).await.len() > 5);
    let found = scene.rows("words", "words").await;
    let mut wanted: Vec<_> = words.into_iter().map(Value::Text).collect();
    wanted.sort();
    assert_eq!(found.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), wanted);
    let seven = found.iter().find(|row| row[0] == Value::Text("w7".into())).unwrap();
    assert_eq!(seven[1..], [Value::Int(2), Value::Int(1)]);
}

#[tokio::test]
async fn tables_are_told_with_their_names_in_sql() {
    let scene = Scene::new().await;
    let data = fever(&scene).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    let request = Request::ResultTables { job: "graph".into() };
    let Reply::Tables(tables) = scene.reply(&request).await else { panic!() };
    let told = tables.iter().map(|table| format!("{} {}", table.sql_name, table.rows));
    assert_eq!(
        told.collect::<Vec<_>>().join(", "),
        "job1_docs 1, job1_mentions 2, job1_doc_nodes 2, job1_doc_edges 1, job1_concepts 2, \
         job1_edges 1, job1_edge_years 1, job1_nodes 2"
    );
}
