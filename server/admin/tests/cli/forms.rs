//! One corpus in many forms: whatever the documents come in, their ids and bytes are the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use flate2::Compression;
use gleaner_link::UnixFramed;
use gleaner_shared::wire::admin::Reply;
use gleaner_shared::wire::admin::corpus::{Aside, IntakeReply, Step, Want};
use tokio::net::UnixListener;

use crate::hostile::packed::{Block, gzip, zstd};
use crate::hostile::tar::Tar;
use crate::hostile::zip::{Entry, zip};
use crate::intake::{added, wish};
use crate::place::{Place, Ran, asked, ran, reply};

/// What the server was offered: digests by id; and what was set aside.
#[derive(Debug, Default, PartialEq)]
struct Corpus {
    documents: BTreeMap<String, String>,
    asides: Vec<Aside>,
}

async fn serve(stream: &mut UnixFramed) -> Corpus {
    let mut corpus = Corpus::default();
    reply(stream, Reply::Intake(IntakeReply::Ready)).await;
    loop {
        let answer = match stream.receive::<Step>().await.expect("a step comes") {
            Step::Stretch(_) => IntakeReply::Known(false),
            Step::Ask(names) => IntakeReply::Wanted(vec![Want::Send; names.len()]),
            Step::Offer(offers) => {
                let wants = vec![Want::Known; offers.len()];
                let pairs = offers.into_iter().map(|offer| (offer.id, offer.digest.to_string()));
                corpus.documents.extend(pairs);
                IntakeReply::Wanted(wants)
            }
            Step::Aside(asides) => {
                corpus.asides.extend(asides);
                IntakeReply::Ready
            }
            Step::Documents(_) => panic!("nothing was wanted"),
            Step::End => {
                let (known, aside) = (corpus.documents.len(), corpus.asides.len());
                let added = added(0, known as u64, aside as u64);
                reply(stream, Reply::Intake(IntakeReply::Added(added))).await;
                return corpus;
            }
        };
        reply(stream, Reply::Intake(answer)).await;
    }
}

/// Adds what these words say.
async fn add(place: &Place, listener: &UnixListener, words: &[&str]) -> (Corpus, Ran) {
    let running = place.run(&[&["corpus", "add", "notes"], words].concat());
    let mut stream = asked(listener, wish(1_048_576)).await;
    let corpus = serve(&mut stream).await;
    (corpus, running.await.expect("it ends"))
}

/// The same with standard input.
async fn add_input(place: &Place, listener: &UnixListener, words: &[&str], input: &Path) -> Corpus {
    let mut command = place.bare(&[&["corpus", "add", "notes", "-"], words].concat());
    command.arg("--data").arg(place.path("data"));
    command.stdin(Stdio::from(std::fs::File::open(input).expect("it is there")));
    let running = tokio::task::spawn_blocking(move || ran(command));
    let mut stream = asked(listener, wish(1_048_576)).await;
    let corpus = serve(&mut stream).await;
    running.await.expect("it ends");
    corpus
}

/// Files by their names below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(inner) = open.pop() {
        for entry in std::fs::read_dir(inner).expect("it can be read") {
            let path = entry.expect("it is there").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is in it").display().to_string();
                found.insert(name, std::fs::read(&path).expect("it can be read"));
            }
        }
    }
    found
}

fn tar(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    files.iter().fold(Tar::default(), |tar, (name, bytes)| tar.file(name, bytes)).end()
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    let blocks: Vec<_> = bytes.chunks(100_000).map(Block::Raw).collect();
    zstd(20, &blocks)
}

/// The reference corpus, if it is here, else a small one of the same layout.
fn reference(place: &Place) -> PathBuf {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/docs");
    if given.exists() {
        return given;
    }
    let rows = "publish_time,pdf_json_files,pmc_json_files\n2003,cord19/a.json,\n";
    place.file("small/cord19/metadata.csv", rows);
    place.file("small/cord19/a.json", "{\"abstract\": [{\"text\": \"a\"}]}");
    place.file("small/text/b.txt", "b\n\nc");
    place.path("small")
}

#[tokio::test]
async fn a_corpus_is_the_same_in_every_form() {
    let place = Place::new();
    let listener = place.listen();
    let folder = reference(&place);
    let files = files(&folder);
    let (plain, ran) = add(&place, &listener, &[folder.to_str().expect("UTF-8")]).await;
    assert!(!plain.documents.is_empty() && plain.asides.is_empty(), "{plain:?} {ran:?}");

    let archive = tar(&files);
    let entry = |(name, bytes): (&String, &Vec<u8>)| Entry::new(name, bytes, Compression::fast());
    let zipped = zip(&files.iter().map(entry).collect::<Vec<_>>());
    for (name, bytes) in [
        ("a.tar", archive.clone()),
        ("a.tar.gz", gzip(&archive)),
        ("a.tgz", gzip(&archive)),
        ("a.tar.zst", zstd_of(&archive)),
        ("a.zip", zipped),
        ("a.tar.gz", gzip(&Tar::default().file("inner.tar.gz", gzip(&archive)).end())),
    ] {
        let path = place.file(&format!("archives/{name}"), bytes);
        let mut words = vec![path.to_str().expect("UTF-8")];
        let metadata = folder.join("cord19/metadata.csv");
        if name == "a.tar.gz" {
            words.extend(["--metadata", metadata.to_str().expect("UTF-8")]);
        }
        let (packed, ran) = add(&place, &listener, &words).await;
        assert_eq!((ran.code, &packed), (0, &plain), "{name}: {}", ran.err);
    }
    for (name, bytes) in &files {
        match name.ends_with(".csv") {
            true => place.file(&format!("single/{name}"), bytes),
            false => place.file(&format!("single/{name}.gz"), gzip(bytes)),
        };
    }
    let (single, _) = add(&place, &listener, &["single"]).await;
    assert_eq!(single, plain, "each file packed by itself");
    let (matched, _) =
        add(&place, &listener, &["single/**/*.gz", "--metadata", "single/cord19/metadata.csv"])
            .await;
    assert_eq!(matched, plain, "by a pattern");

    let input = place.file("input", gzip(&archive));
    let metadata = folder.join("cord19/metadata.csv");
    let words = ["--format", "tar", "--metadata", metadata.to_str().expect("UTF-8")];
    assert_eq!(add_input(&place, &listener, &words, &input).await, plain, "standard input");
}

#[tokio::test]
async fn the_years_are_found_behind_the_documents() {
    let place = Place::new();
    let listener = place.listen();
    let document = |tar: Tar, name: &str| tar.file(name, "{\"abstract\": [{\"text\": \"a\"}]}");
    let rows = "publish_time,pdf_json_files,pmc_json_files\n\
                2003-01,document_parses/pdf_json/a.json,document_parses/pmc_json/PMC1.xml.json\n";
    let parses = document(
        document(Tar::default(), "document_parses/pdf_json/a.json"),
        "document_parses/pmc_json/PMC1.xml.json",
    );
    let release = gzip(&parses.clone().file("metadata.csv", rows).end());
    let nested = Tar::default()
        .file("2021/changelog", "")
        .file("2021/document_parses.tar.gz", gzip(&parses.clone().end()))
        .file("2021/metadata.csv", rows);
    place.file("release.tar.gz", &release);
    place.file("nested.tar", nested.end());
    place.file("beside/document_parses.tar.gz", gzip(&parses.clone().end()));
    place.file("beside/metadata.csv", rows);
    place.file("without.tar", parses.end());
    let (dated, ran) = add(&place, &listener, &["release.tar.gz"]).await;
    assert!(ran.err.contains("years of publication: release.tar.gz!metadata.csv"), "{}", ran.err);
    assert_eq!(dated.documents.keys().collect::<Vec<_>>(), ["PMC1", "a"]);
    for (words, same) in [
        (&["nested.tar"][..], true),
        (&["beside"], true),
        (&["without.tar"], false),
        (&["release.tar.gz", "--metadata", "none"], false),
    ] {
        let (other, ran) = add(&place, &listener, words).await;
        assert_eq!(other == dated, same, "{words:?} {}", ran.err);
        assert!(other.asides.is_empty());
    }
    let input = place.path("release.tar.gz");
    let late = add_input(&place, &listener, &["--format", "tar"], &input).await;
    assert_eq!(late.documents.len(), 2);
    assert!(late.asides[0].reason.contains("it comes after documents"), "{late:?}");
}

#[tokio::test]
async fn rows_are_the_same_in_every_form() {
    let place = Place::new();
    let listener = place.listen();
    place.file(
        "r.jsonl",
        "{\"id\": \"a\", \"text\": \"one\", \"year\": 2003}\n{\"text\": \"two\"}\n",
    );
    place.file("csv/r.jsonl.csv", "year,id,text\n2003,a,one\n,,two\n");
    let (lines, ran) = add(&place, &listener, &["r.jsonl"]).await;
    assert_eq!(lines.documents.keys().collect::<Vec<_>>(), ["a", "r.jsonl:2"], "{ran:?}");
    let packed =
        place.file("packed/r.jsonl.gz", gzip(&std::fs::read(place.path("r.jsonl")).unwrap()));
    let (unpacked, _) = add(&place, &listener, &["packed"]).await;
    assert_eq!(unpacked, lines);
    let input = add_input(&place, &listener, &["--format", "jsonl"], &packed).await;
    assert_eq!(input.documents.keys().collect::<Vec<_>>(), ["a", "stdin:2"]);
    let (table, _) = add(&place, &listener, &["csv", "--text-column", "text"]).await;
    assert_eq!(table.documents["a"], lines.documents["a"]);
    assert!(table.documents.contains_key("r.jsonl.csv:3"), "{table:?}");
    let (skipped, ran) = add(&place, &listener, &["csv"]).await;
    assert_eq!(skipped, Corpus::default());
    assert!(ran.out.contains("1 other file skipped"), "{ran:?}");
    let (named, _) = add(&place, &listener, &["csv/r.jsonl.csv"]).await;
    assert!(named.asides[0].reason.contains("--text-column"), "{named:?}");
    let zip = place.file("z.zip", zip(&[Entry::new("a.txt", b"a", Compression::fast())]));
    let refused = add_input(&place, &listener, &["--format", "tar"], &zip).await;
    assert!(refused.asides[0].reason.contains("has to be a file"), "{refused:?}");
}

#[tokio::test]
async fn what_leads_to_nothing_is_told_before_anything_is_sent() {
    let place = Place::new();
    place.file("a.txt", "a");
    for (words, code, why) in [
        (&["nowhere"][..], 4, "there is no such file or folder"),
        (&["*.json"], 4, "nothing matches this pattern"),
        (&["x/**y"], 2, "recursive wildcards"),
        (&["-"], 2, "has no name that would say what it is"),
        (&["-", "--format", "zip"], 2, "has its table at its end"),
        (&["a.txt", "--format", "csv"], 2, "nobody has said which columns are text"),
        (&["a.txt", "--metadata", "nowhere"], 4, "there is no such file"),
        (&["a.txt", "--max-document", "65M"], 2, "out of range"),
    ] {
        let ran = place.run(&[&["corpus", "add", "notes"], words].concat()).await.unwrap();
        assert_eq!(ran.code, code, "{words:?} {ran:?}");
        assert!(ran.err.contains(why), "{words:?} {}", ran.err);
    }
}
