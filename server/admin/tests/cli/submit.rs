//! `job submit`: what is checked here, and what is sent.

use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::job::{JobWish, Phase};
use gleaner_shared::wire::admin::{Reply, Request};

use crate::place::{Place, asked, job, ran, reply};

#[tokio::test]
async fn a_job_is_sent_as_it_was_wished() {
    let place = Place::new();
    let listener = place.listen();
    let line = "job submit demo --corpus notes --app word-count --copies 3 --own-copies 2 \
                --priority -4 --deadline 10s";
    let words: Vec<_> = line.split_whitespace().collect();
    let running = place.run(&words);
    let wish = JobWish {
        name: "demo".into(),
        corpus: "notes".into(),
        app: "word-count".into(),
        params: vec![],
        data: None,
        policy: Policy { copies: 3, own_copies: 2, priority: -4, deadline: Millis(10_000) },
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
