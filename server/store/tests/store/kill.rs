//! A process that commits in a loop is killed again and again: what it acknowledged is there,
//! merged once.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use gleaner_engine::effect::Write;
use gleaner_store::Store;

use crate::scene::{JOB, TABLES, job_make, merging, open, row, rows, words_of};

const KILLS: u32 = 24;
const SLICES: u32 = 4_096;
const FOLDER: &str = "GLEANER_STORE_KILL_FOLDER";

/// Not a test: the process that is killed. Merges one unit a batch and says so once it is kept.
#[tokio::test]
#[ignore = "run by the test beside it"]
async fn commits_until_it_is_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let store = open(Path::new(&folder)).await;
    let mut merged = merged(&store).await;
    let mut out = std::io::stderr();
    loop {
        let mut batch = merging([merged]);
        merged += 1;
        batch.writes.push(Write::JobPut { job: JOB, row: row(SLICES, merged) });
        store.commit(batch).await.unwrap();
        writeln!(out, "kept {merged}").unwrap();
    }
}

async fn merged(store: &Store) -> u32 {
    store.job_find_by_id(JOB).await.unwrap().unwrap().row.merged
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::commits_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The last number that was acknowledged, after so many were and the process was killed.
fn run_and_kill(folder: &Path, acknowledged: usize) -> u32 {
    let mut child = start(folder);
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut kept = lines
        .map(|line| line.unwrap())
        .filter_map(|line| line.strip_prefix("kept ").map(|number| number.parse().unwrap()));
    let last = kept.by_ref().take(acknowledged).last();
    child.kill().unwrap();
    // What it said between the last look and its end is acknowledged too.
    let last = kept.last().or(last).unwrap();
    child.wait().unwrap();
    last
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    job_make(&store, SLICES).await;
    store.close().await;
    let mut least = 0;
    for round in 0..KILLS {
        // A spread of moments: right after the start, and in the midst of many commits.
        let wanted = 1 + usize::try_from(round * 7 % 23).unwrap();
        least = run_and_kill(folder.path(), wanted).max(least);
        let store = open(folder.path()).await;
        let merged = merged(&store).await;
        assert!(merged == least || merged == least + 1, "kept {least}, found {merged}");
        let slices: Vec<u32> = (0..merged).collect();
        assert_eq!(rows(&store, &TABLES[1]).await, words_of(&slices));
        assert_eq!(store.row_count(JOB, "docs").await.unwrap(), u64::from(merged));
        store.close().await;
    }
    assert!(least >= KILLS);
}
