//! Exit codes and the words that come with them.

use std::io::Read;
use std::process::Stdio;

use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply, Request, ServerStatus};

use crate::place::{Place, asked, ran, reply};

/// Runs one line; its code and its standard error, which must be three lines or none.
fn check(place: &Place, line: &[&str], code: i32, says: &str) {
    let ran = ran(place.bare(line));
    assert_eq!(ran.code, code, "{line:?}: {ran:?}");
    assert_eq!(ran.out, "", "{line:?}");
    assert!(ran.err.contains(says), "{line:?}: {}", ran.err);
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(lines[0].starts_with("error: "), "{}", ran.err);
    assert!(lines[1].starts_with("  why: ") && lines[2].starts_with("   do: "), "{}", ran.err);
    assert_eq!(lines.len(), 3, "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
}

#[test]
fn nobody_there_is_6_and_bad_usage_is_2() {
    let place = Place::new();
    check(&place, &["job", "list"], 6, "no server is known here");
    check(&place, &["job", "list", "--data", "data"], 6, "gleaner-server run --data data");
    check(&place, &["job", "list", "--server", "lab"], 4, "login INVITE --name lab");
    check(&place, &["job", "list", "--server", "lab", "--data", "data"], 2, "--data and --server");
    check(&place, &["job", "lsit"], 2, "unrecognized");
    check(&place, &["corpus", "rm", "notes"], 2, "add --yes");
    check(&place, &["host", "ban", "x", "--yes", "--dry-run"], 2, "cannot be used with");
    check(&place, &["login", "https://elsewhere"], 2, "no invite");
    check(&place, &["corpus", "add", "notes", "nowhere"], 4, "nowhere is not there");
    let long = "x".repeat(5_000);
    check(&place, &["search", &long, "--job", "j"], 8, "at most 4096");
}

#[test]
fn a_socket_that_was_left_over_is_6() {
    let place = Place::new();
    let socket = place.path("data/admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    check(&place, &["status", "--data", "data"], 6, "the server has stopped");
}

#[test]
fn failures_are_json_if_asked_for() {
    let place = Place::new();
    for line in [&["job", "list", "--json"][..], &["--json", "job", "lsit"]] {
        let ran = ran(place.bare(line));
        let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
        assert_eq!(error["schema"], "gleaner/error/1");
        assert_eq!(error["exit_code"], ran.code);
    }
}

#[tokio::test]
async fn the_servers_problem_gives_the_code_and_cannot_forge_output() {
    let place = Place::new();
    let listener = place.listen();
    for (kind, code) in
        [(ProblemKind::NotFound, 4), (ProblemKind::Conflict, 5), (ProblemKind::Limit, 8)]
    {
        let running = place.run(&["job", "status", "demo"]);
        let mut stream = asked(&listener, Request::JobStatus { name: "demo".into() }).await;
        let problem = Problem {
            kind,
            what: "job demo\nis gone\u{1b}[2J".into(),
            why: "why".into(),
            next: "next".into(),
        };
        reply(&mut stream, Reply::Failed(problem)).await;
        let ran = running.await.unwrap();
        assert_eq!(ran.code, code);
        assert_eq!(ran.err, "error: job demo\\nis gone\\u{1b}[2J\n  why: why\n   do: next\n");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_12_and_a_dead_server_6() {
    let place = Place::new();
    let listener = place.listen();
    let running = place.run(&["job", "list"]);
    reply(&mut asked(&listener, Request::JobList).await, Reply::Done).await;
    assert_eq!(running.await.unwrap().code, 12);
    let running = place.run(&["job", "list"]);
    asked(&listener, Request::JobList)
        .await
        .send_bytes(&[3, 0, 0, 0, 255, 255, 255])
        .await
        .unwrap();
    assert_eq!(running.await.unwrap().code, 12);
    let running = place.run(&["job", "list"]);
    drop(asked(&listener, Request::JobList).await);
    assert_eq!(running.await.unwrap().code, 6);
}

#[tokio::test]
async fn a_status_is_text_or_json_with_a_schema() {
    let place = Place::new();
    let listener = place.listen();
    let status = ServerStatus {
        version: "0.1.0".into(),
        id: "cd".repeat(32),
        address: "lab.example:4433".into(),
        up_seconds: 7_560,
        hosts_connected: 3,
        jobs_open: 1,
        paused: None,
    };
    let running = place.run(&["status"]);
    reply(&mut asked(&listener, Request::Server).await, Reply::Server(status.clone())).await;
    let ran = running.await.unwrap();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("2 h 6 min") && ran.out.contains("3 connected"), "{}", ran.out);
    let running = place.run(&["status", "--json"]);
    reply(&mut asked(&listener, Request::Server).await, Reply::Server(status)).await;
    let value: serde_json::Value = serde_json::from_str(&running.await.unwrap().out).unwrap();
    assert_eq!(value["schema"], "gleaner/server-status/1");
    assert_eq!(value["up_seconds"], 7_560);
    assert_eq!(value["paused"], serde_json::Value::Null);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let mut command = place.bare(&["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(err, "");
}
