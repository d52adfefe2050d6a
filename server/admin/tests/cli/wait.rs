//! Waiting for jobs: how it ends, and what it survives.

use gleaner_shared::wire::admin::job::Phase;
use gleaner_shared::wire::admin::{Reply, Request};

use crate::place::{Place, Ran, asked, job, reply};

fn follow() -> Request {
    Request::JobFollow { name: "demo".into() }
}

async fn ended(phase: Phase, merged: u64, failed: u64) -> Ran {
    let place = Place::new();
    let listener = place.listen();
    let running = place.run(&["job", "wait", "demo"]);
    let mut stream = asked(&listener, follow()).await;
    reply(&mut stream, Reply::Job(job(Phase::Running, 0, 0))).await;
    reply(&mut stream, Reply::Job(job(phase, merged, failed))).await;
    running.await.expect("the program ran")
}

#[tokio::test]
async fn the_code_says_how_the_job_ended() {
    let done = ended(Phase::Done, 25, 0).await;
    assert_eq!(done.code, 0);
    assert_eq!(done.out, "demo  done  25 of 25 units merged, 0 failed, in 14 s\n");
    assert!(done.err.contains("next: gleaner-admin result export demo"), "{}", done.err);
    assert_eq!(ended(Phase::Done, 20, 5).await.code, 3);
    assert_eq!(ended(Phase::Cancelled, 3, 0).await.code, 1);
}

#[tokio::test]
async fn finishing_is_not_done() {
    let place = Place::new();
    let listener = place.listen();
    let running = place.run(&["job", "wait", "demo", "--timeout", "1s"]);
    let mut stream = asked(&listener, follow()).await;
    reply(&mut stream, Reply::Job(job(Phase::Finishing, 25, 0))).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 9, "{ran:?}");
    assert!(ran.err.contains("job demo is finishing now"), "{}", ran.err);
    assert!(ran.err.contains("error: job demo is not done yet"), "{}", ran.err);
}

#[tokio::test]
async fn a_restart_of_the_server_does_not_end_the_wait() {
    let place = Place::new();
    let listener = place.listen();
    let running = place.run(&["job", "wait", "demo", "--timeout", "1m"]);
    let mut stream = asked(&listener, follow()).await;
    reply(&mut stream, Reply::Job(job(Phase::Running, 5, 0))).await;
    place.hang_up(listener);
    drop(stream);
    let listener = place.listen();
    let mut stream = asked(&listener, follow()).await;
    reply(&mut stream, Reply::Job(job(Phase::Done, 25, 0))).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("the server went away; trying again\nthe server is back\n"));
}

#[tokio::test]
async fn a_server_that_stays_away_is_9_with_a_timeout() {
    let place = Place::new();
    let listener = place.listen();
    let running = place.run(&["job", "wait", "demo", "--timeout", "1s"]);
    let stream = asked(&listener, follow()).await;
    place.hang_up(listener);
    drop(stream);
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 9, "{ran:?}");
    assert!(ran.err.contains("the server has not come back"), "{}", ran.err);
}

#[tokio::test]
async fn watching_in_a_pipe_gives_a_line_a_change_without_escapes() {
    let place = Place::new();
    let listener = place.listen();
    for (words, lines) in [
        (&["job", "status", "demo", "--watch"][..], 2),
        (&["--json", "job", "status", "demo", "--watch"], 2),
    ] {
        let running = place.run(words);
        let mut stream = asked(&listener, follow()).await;
        reply(&mut stream, Reply::Job(job(Phase::Running, 5, 0))).await;
        reply(&mut stream, Reply::Job(job(Phase::Done, 25, 0))).await;
        let ran = running.await.unwrap();
        assert_eq!((ran.code, ran.out.lines().count()), (0, lines), "{ran:?}");
        assert!(!ran.out.contains('\u{1b}'));
    }
}
