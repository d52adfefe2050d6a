//! `corpus add`: every step of the conversation.

use gleaner_link::UnixFramed;
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::INTAKE_DOCS_MAX;
use gleaner_shared::payload::document_decode;
use gleaner_shared::wire::admin::corpus::{
    AddWish, Added, Aside, CorpusRow, IntakeReply, Name, Offer, Step, Want,
};
use gleaner_shared::wire::admin::{Reply, Request};

use crate::place::{Place, asked, reply};

pub(crate) fn added(new_documents: u64, known_documents: u64, set_aside: u64) -> Added {
    let corpus = CorpusRow {
        name: "notes".into(),
        digest: "ab".repeat(32),
        complete: true,
        documents: new_documents + known_documents,
        slices: 1,
        raw_bytes: 1_000,
        packed_bytes: 500,
        set_aside,
        jobs: 0,
    };
    Added { corpus, new_documents, known_documents, set_aside }
}

/// What a server got.
#[derive(Default)]
struct Got {
    stretches: Vec<Digest>,
    asked: Vec<Name>,
    offers: Vec<Offer>,
    documents: Vec<Vec<u8>>,
    asides: Vec<Aside>,
}

/// Plays a server that wants what `want` says, and ends with `added`.
async fn serve(stream: &mut UnixFramed, want: fn(&str) -> Want, added: Added) -> Got {
    let mut got = Got::default();
    reply(stream, Reply::Intake(IntakeReply::Ready)).await;
    loop {
        let answer = match stream.receive::<Step>().await.expect("a step comes") {
            Step::Stretch(digest) => {
                got.stretches.push(digest);
                IntakeReply::Known(false)
            }
            Step::Ask(names) => {
                let wants = names.iter().map(|name| want(&name.id)).collect();
                got.asked.extend(names);
                IntakeReply::Wanted(wants)
            }
            Step::Offer(offers) => {
                let wants = offers.iter().map(|offer| want(&offer.id)).collect();
                got.offers.extend(offers);
                IntakeReply::Wanted(wants)
            }
            Step::Documents(lengths) => {
                for length in lengths {
                    let mut bytes = vec![0; length as usize];
                    stream.receive_bytes(&mut bytes).await.expect("the bytes follow");
                    got.documents.push(bytes);
                }
                IntakeReply::Ready
            }
            Step::Aside(asides) => {
                got.asides.extend(asides);
                IntakeReply::Ready
            }
            Step::End => {
                reply(stream, Reply::Intake(IntakeReply::Added(added))).await;
                return got;
            }
        };
        reply(stream, Reply::Intake(answer)).await;
    }
}

pub(crate) fn wish(slice_bytes: u32) -> Request {
    Request::CorpusAdd(AddWish { name: "notes".into(), slice_bytes })
}

#[tokio::test]
async fn what_is_wanted_is_sent_and_nothing_else() {
    let place = Place::new();
    let listener = place.listen();
    place.file("texts/a.txt", "first");
    place.file("texts/b.txt", "known");
    place.file("texts/c.txt", "third");
    place.file("texts/readme.md", "no document");
    let running = place.run(&["corpus", "add", "notes", "texts", "--slice-bytes", "2048"]);
    let mut stream = asked(&listener, wish(2_048)).await;
    let want = |id: &str| if id == "b" { Want::Known } else { Want::Send };
    let got = serve(&mut stream, want, added(2, 1, 0)).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked: Vec<_> = got.asked.iter().map(|name| name.id.as_str()).collect();
    assert_eq!((asked, got.stretches.len()), (vec!["a", "b", "c"], 1));
    let ids: Vec<_> = got.offers.iter().map(|offer| offer.id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
    let sent: Vec<_> = got.documents.iter().map(|bytes| document_decode(bytes).unwrap()).collect();
    assert_eq!(sent[0].paragraphs, ["first"]);
    assert_eq!(sent[1].id, "c");
    assert_eq!(got.offers[1].digest, digest(&got.documents[1]));
    assert!(ran.out.starts_with("notes  2 documents new, 1 known, 0 set aside\n"), "{}", ran.out);
    assert!(ran.out.contains("1 other file skipped"), "{}", ran.out);
}

#[tokio::test]
async fn what_is_set_aside_is_told_and_the_code_is_3() {
    let place = Place::new();
    let listener = place.listen();
    place.file("texts/a.json", "{");
    place.file("texts/b.txt", "text");
    let running = place.run(&["corpus", "add", "notes", "texts", "--json"]);
    let mut stream = asked(&listener, wish(1_048_576)).await;
    let got = serve(&mut stream, |_| Want::Send, added(1, 0, 1)).await;
    let ran = running.await.unwrap();
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    assert_eq!(got.asides.len(), 1);
    assert!(got.asides[0].source.ends_with("texts/a.json"));
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["schema"], "gleaner/corpus-added/1");
    assert_eq!(value["set_aside"], 1);
    assert_eq!(value["skipped_files"], 0);
}

#[tokio::test]
async fn many_documents_come_in_steps_that_fit() {
    let place = Place::new();
    let listener = place.listen();
    for number in 0..300 {
        place.file(&format!("texts/{number:03}.txt"), format!("text {number}"));
    }
    let running = place.run(&["corpus", "add", "notes", "texts"]);
    let mut stream = asked(&listener, wish(1_048_576)).await;
    let got = serve(&mut stream, |_| Want::Send, added(300, 0, 0)).await;
    assert_eq!(running.await.unwrap().code, 0);
    assert_eq!((got.offers.len(), got.documents.len()), (300, 300));
    assert!(got.offers.is_sorted_by(|a, b| a.id < b.id));
    // After a batch of new documents nothing is asked any more.
    assert_eq!((got.stretches.len(), got.asked.len()), (1, INTAKE_DOCS_MAX));
}

#[tokio::test]
async fn progress_in_a_pipe_is_plain_lines() {
    let place = Place::new();
    let listener = place.listen();
    place.file("texts/a.txt", "text");
    let mut command = place.bare(&["corpus", "add", "notes", "texts", "--data", "data"]);
    command.env("GLEANER_PROGRESS_INTERVAL", "0");
    let running = tokio::task::spawn_blocking(move || crate::place::ran(command));
    let mut stream = asked(&listener, wish(1_048_576)).await;
    serve(&mut stream, |_| Want::Send, added(1, 0, 0)).await;
    let ran = running.await.unwrap();
    assert!(ran.err.contains("corpus add notes: 0 %, 0 B of 4 B\n"), "{}", ran.err);
    assert!(ran.err.contains("corpus add notes: 100 %, 4 B of 4 B\n"), "{}", ran.err);
    assert!(!ran.err.contains(['\u{1b}', '\r']), "{}", ran.err);
}
