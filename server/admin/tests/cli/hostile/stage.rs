//! Runs the program on a case: a folder of its own, a played server, and a look at all that changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gleaner_link::{UnixFramed, unix_framed};
use gleaner_shared::wire::admin::corpus::{IntakeReply, Step, Want};
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::stream::Open;

use super::case::Case;
use crate::intake::{added, wish};
use crate::place::{Place, reply};

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) ids: Vec<String>,
    /// Sources and reasons.
    pub(crate) asides: Vec<(String, String)>,
    pub(crate) code: i32,
    pub(crate) err: String,
    /// Files and folders that are new, changed or gone.
    pub(crate) appeared: Vec<PathBuf>,
    pub(crate) peak_bytes: u64,
    pub(crate) took: Duration,
}

/// Names that hostile members would have outside of the folder.
const OUTSIDE: [&str; 2] = ["/tmp/gleaner-evil.txt", "/gleaner-evil.txt"];

/// Gives a case to the program.
pub(crate) async fn perform(case: &Case) -> Seen {
    let place = Place::new();
    let listener = place.listen();
    // What links and names lead to.
    place.file("secret.txt", "nobody may read this");
    place.file("given/victim.txt", "neighbour");
    fs::rename(place.path("given/victim.txt"), place.path("victim.txt")).expect("it is moved");
    let given = place.file(&format!("given/{}", case.file), &case.bytes);
    let folder = given.parent().expect("it is in a folder").to_path_buf();
    let before = tree(&place.path(""));
    let start = Instant::now();
    let mut words = vec!["corpus", "add", "notes", folder.to_str().expect("it is UTF-8")];
    words.extend(case.words);
    let running = place.run(&words);
    let (socket, _) = listener.accept().await.expect("the program connects");
    let pid = socket.peer_cred().expect("it is here").pid().expect("it has a number");
    let mut stream = unix_framed(socket);
    assert_eq!(stream.receive::<Open>().await.expect("it opens"), Open::Admin);
    assert_eq!(stream.receive::<Request>().await.expect("it asks"), wish(1_048_576));
    let mut seen = serve(&mut stream, pid).await;
    let ran = running.await.expect("it ends");
    seen.took = start.elapsed();
    (seen.code, seen.err) = (ran.code, ran.err);
    let after = tree(&place.path(""));
    let changed = after.iter().filter(|(path, facts)| before.get(*path) != Some(facts));
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    seen.appeared = changed.map(|(path, _)| path).chain(gone).cloned().collect();
    seen.appeared.extend(OUTSIDE.iter().map(PathBuf::from).filter(|path| path.exists()));
    seen
}

/// A server that wants all documents.
async fn serve(stream: &mut UnixFramed, pid: i32) -> Seen {
    let mut seen = Seen::default();
    reply(stream, Reply::Intake(IntakeReply::Ready)).await;
    loop {
        let answer = match stream.receive::<Step>().await.expect("a step comes") {
            Step::Stretch(_) => IntakeReply::Known(false),
            Step::Ask(names) => IntakeReply::Wanted(vec![Want::Send; names.len()]),
            Step::Offer(offers) => {
                let wants = vec![Want::Send; offers.len()];
                seen.ids.extend(offers.into_iter().map(|offer| offer.id));
                IntakeReply::Wanted(wants)
            }
            Step::Documents(lengths) => {
                for length in lengths {
                    let mut bytes = vec![0; length as usize];
                    stream.receive_bytes(&mut bytes).await.expect("the bytes follow");
                }
                IntakeReply::Ready
            }
            Step::Aside(asides) => {
                let asides = asides.into_iter().map(|aside| (aside.source, aside.reason));
                seen.asides.extend(asides);
                IntakeReply::Ready
            }
            Step::End => {
                seen.peak_bytes = peak_bytes(pid);
                let added = added(seen.ids.len() as u64, 0, seen.asides.len() as u64);
                reply(stream, Reply::Intake(IntakeReply::Added(added))).await;
                return seen;
            }
        };
        reply(stream, Reply::Intake(answer)).await;
    }
}

/// The most memory that a process had so far.
fn peak_bytes(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    let kib: u64 = peak.split_whitespace().next().expect("a number").parse().expect("a number");
    kib * 1024
}

/// All that is in a folder, with size and time of change.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it is there").path();
        let facts = fs::symlink_metadata(&path).expect("it can be seen");
        if facts.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path, (facts.len(), facts.modified().ok()));
    }
    found
}
