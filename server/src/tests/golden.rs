//! The open data set, the whole way: every exported file and every query has its golden bytes.
//!
//! The data lies beside the checkout; without it this says so and passes.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_readers::{
    Format, Years, doc_id, kind_of, ontology_format, read_document, read_ontology,
};
use gleaner_shared::document::Document;
use gleaner_shared::table::Value as Cell;
use gleaner_shared::wire::admin::query::{ArticlesWish, RelatedWish, SearchWish, YearRange};
use gleaner_shared::wire::admin::result::ExportFile;
use gleaner_shared::wire::admin::{Reply, Request};
use serde_json::{Value, json};

use super::scene::{Scene, wish};

fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn documents(data: &Path) -> Vec<Document> {
    let metadata = File::open(data.join("docs/cord19/metadata.csv")).unwrap();
    let years = Years::read(metadata).unwrap();
    let files = ["cord19", "jats", "text"].into_iter().flat_map(|kind| {
        let folder = fs::read_dir(data.join("docs").join(kind)).unwrap();
        folder.map(|entry| entry.unwrap().path())
    });
    let read = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        let kind = kind_of(Format::Auto, name)?;
        let bytes = fs::read(&path).unwrap();
        Some(read_document(kind, doc_id(name).unwrap(), &bytes, &years).unwrap())
    };
    files.filter_map(read).collect()
}

fn dictionary(data: &Path, golden: &Path) -> Vec<u8> {
    let summary: Value =
        serde_json::from_slice(&fs::read(golden.join("summary.json")).unwrap()).unwrap();
    let mut concepts = Vec::new();
    for ontology in summary["ontologies"].as_array().unwrap() {
        let name = ontology["file"].as_str().unwrap();
        let file = BufReader::new(File::open(data.join("onto").join(name)).unwrap());
        read_ontology(ontology_format(name).unwrap(), file, &mut |concept| {
            let gleaner_readers::Concept { id, label, synonyms } = concept;
            concepts.push(Concept { id, label, synonyms });
        })
        .unwrap();
    }
    Dictionary::compile(concepts).unwrap().encode()
}

#[tokio::test]
async fn every_file_and_every_answer_is_the_golden_one() {
    let (Some(data), Some(golden)) = (beside("data"), beside("golden/open")) else { return };
    let scene = Scene::new().await;
    scene.corpus_add("texts", &documents(&data), 100_000).await;
    let data = scene.data_put(&dictionary(&data, &golden)).await;
    scene.done(wish("open", "ontology-match", Some(data))).await;
    files_check(&scene, &golden).await;
    let queries = fs::read(golden.join("queries.json")).unwrap();
    queries_check(&scene, &serde_json::from_slice(&queries).unwrap()).await;
}

async fn files_check(scene: &Scene, golden: &Path) {
    let request = Request::ResultExports { job: "open".into() };
    let Reply::Exports(files) = scene.reply(&request).await else { panic!("no exports") };
    assert_eq!(files.len(), 8);
    for ExportFile { name, columns, types, rows } in files {
        let mut text = columns.join("\t") + "\n";
        let found = scene.rows("open", &name).await;
        assert_eq!((found.len() as u64, types.len()), (rows, columns.len()), "{name}");
        for row in found {
            let cells = row.into_iter().map(|value| match value {
                Cell::Text(text) => text,
                Cell::Int(number) => number.to_string(),
            });
            text += &(cells.collect::<Vec<_>>().join("\t") + "\n");
        }
        let wanted = fs::read_to_string(golden.join(format!("{name}.tsv"))).unwrap();
        assert!(text == wanted, "{name} is not the golden one");
    }
}

async fn queries_check(scene: &Scene, queries: &Value) {
    let list = |kind: &str| queries[kind].as_array().unwrap();
    for query in list("related") {
        let request = Request::Related(RelatedWish {
            job: "open".into(),
            concept: text(&query["concept"]),
            limit: limit(query),
            years: years(query),
        });
        let Reply::Related(found) = scene.reply(&request).await else { panic!("{query}") };
        let rows = found.neighbours.iter().map(|to| {
            assert!(!to.label.is_empty());
            json!({ "concept": to.id, "docs": to.docs, "sentences": to.sentences })
        });
        assert_eq!(rows.collect::<Value>(), query["result"], "{query}");
    }
    for query in list("articles") {
        articles_check(scene, query).await;
    }
    for query in list("search") {
        let (text, limit, years) = (text(&query["text"]), limit(query), years(query));
        let request = Request::Search(SearchWish { job: "open".into(), text, limit, years });
        let Reply::Found(found) = scene.reply(&request).await else { panic!("{query}") };
        let concepts: Value = found.concepts.iter().map(|concept| json!(concept.id)).collect();
        assert_eq!(concepts, query["concepts"], "{query}");
        let rows = found.edges.iter().map(|edge| {
            json!({
                "a": edge.a.id, "b": edge.b.id, "docs": edge.docs, "sentences": edge.sentences,
            })
        });
        assert_eq!(rows.collect::<Value>(), query["result"], "{query}");
    }
}

async fn articles_check(scene: &Scene, query: &Value) {
    let request = Request::Articles(ArticlesWish {
        job: "open".into(),
        a: text(&query["a"]),
        b: text(&query["b"]),
        limit: limit(query),
        years: years(query),
    });
    let Reply::Articles(found) = scene.reply(&request).await else { panic!("{query}") };
    let rows = found.articles.iter().map(|article| {
        json!({
            "doc": article.doc, "first": article.first, "pagerank": article.pagerank,
            "sentences": article.sentences, "year": article.year,
        })
    });
    assert_eq!(rows.collect::<Value>(), query["result"], "{query}");
    for article in found.articles {
        assert!(article.sentence.len() > 20, "{query}: {:?}", article.sentence);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn limit(query: &Value) -> u32 {
    query["limit"].as_u64().unwrap().try_into().unwrap()
}

fn years(query: &Value) -> Vec<YearRange> {
    let years = query["years"].as_array().into_iter().flatten();
    let year = |year: &Value| u16::try_from(year.as_u64().unwrap()).unwrap();
    years.map(year).map(|year| YearRange { first: year, last: year }).collect()
}
