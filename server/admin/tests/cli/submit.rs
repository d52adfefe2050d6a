//! `job submit`: what is checked here, and what is sent.

use gleaner_shared::digest::digest;
use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::job::{JobWish, Phase};
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::work::Artefact;

use crate::place::{Place, asked, job, ran, reply};

#[tokio::test]
async fn a_job_is_sent_as_it_was_wished() {
    let place = Place::new();
    let listener = place.listen();
    let line = "job submit demo --corpus notes --app word-count --copies 3 --own-copies 2 \
                --priority 4 --deadline 10s";
    let words: Vec<_> = line.split_whitespace().collect();
    let running = place.run(&words);
    let wish = JobWish {
        name: "demo".into(),
        corpus: "notes".into(),
        app: "word-count".into(),
        params: vec![],
        data: None,
        policy: Policy { copies: 3, own_copies: 2, priority: 4, deadline: Millis(10_000) },
    };
    let mut stream = asked(&listener, Request::JobSubmit(wish)).await;
    reply(&mut stream, Reply::Job(job(Phase::Running, 0, 0))).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("25 units of word-count@1 on corpus notes"), "{}", ran.out);
    assert_eq!(ran.err, "next: gleaner-admin job wait demo\n");
}

#[test]
fn what_cannot_work_is_refused_before_the_server_is_asked() {
    let place = Place::new();
    place.file("terms.tsv", "fever\tC1\tFever\n");
    for (words, code, says) in [
        ("--app ontology-match", 2, "add --ontology FILE"),
        ("--app word-count --ontology terms.tsv", 2, "leave --ontology out"),
        ("--app wordcount", 4, "word-count"),
        ("--app word-count --param x=1", 2, "no parameter"),
        ("--app word-count --param x", 2, "KEY=VALUE"),
        ("--app word-count --copies 6", 2, "1..=5"),
        ("--app word-count --deadline 1s", 2, "5 s"),
        ("--app ontology-match --ontology nowhere.obo", 4, "nowhere.obo"),
    ] {
        let line = format!("job submit demo --corpus notes {words}");
        let ran = ran(place.bare(&line.split(' ').collect::<Vec<_>>()));
        assert_eq!(ran.code, code, "{words}: {ran:?}");
        assert!(ran.err.contains(says), "{words}: {}", ran.err);
    }
}

#[tokio::test]
async fn a_dictionary_is_sent_once() {
    let place = Place::new();
    place.file("terms.tsv", "fever\tC1\tFever\n");
    let compiled = ran(place.bare(&["ontology", "compile", "terms.tsv", "--out", "t.gleaner"]));
    assert_eq!(compiled.code, 0, "{compiled:?}");
    let bytes = std::fs::read(place.path("t.gleaner")).unwrap();
    assert!(compiled.out.contains(&digest(&bytes).to_string()), "{}", compiled.out);
    let listener = place.listen();
    for (file, had) in [("terms.tsv", false), ("t.gleaner", true)] {
        let line = format!("job submit demo --corpus c --app ontology-match --ontology {file}");
        let running = place.run(&line.split(' ').collect::<Vec<_>>());
        let artefact = Artefact { digest: digest(&bytes), len: bytes.len() as u64 };
        let mut stream = asked(&listener, Request::ArtefactPut(artefact)).await;
        reply(&mut stream, Reply::Have(had)).await;
        if !had {
            let mut sent = vec![0; bytes.len()];
            stream.receive_bytes(&mut sent).await.unwrap();
            assert_eq!(sent, bytes);
        }
        reply(&mut stream, Reply::Done).await;
        let Request::JobSubmit(wish) = stream.receive().await.unwrap() else { panic!("{file}") };
        assert_eq!(wish.data, Some(digest(&bytes)));
        reply(&mut stream, Reply::Job(job(Phase::Running, 0, 0))).await;
        assert_eq!(running.await.unwrap().code, 0);
    }
}
