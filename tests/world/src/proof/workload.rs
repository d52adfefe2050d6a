//! Jobs on the reference corpus that keep clients busy for as long as a proof needs them, and whose
//! results are known.
//!
//! Each document is a slice of its own, and the app is the paced one: the same rules, the same
//! bytes, some rounds of the work for each document.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::Value;

use crate::golden::DOCUMENTS;
use crate::wait::until;
use crate::{Admin, Chance, Golden, World};

const CORPUS: &str = "open";
/// One document a slice: the least that is possible.
const SLICE_BYTES: &str = "1024";
/// The same documents in slices of some documents: their results are large, and their units can be
/// split. Each document is done fewer times.
const WIDE: &str = "wide";
const WIDE_SLICE_BYTES: &str = "1048576";
const WIDE_ROUNDS: u32 = 15;
/// How long a job may take when all faults have stopped.
const PATIENCE: Duration = Duration::from_secs(600);
/// Seconds between two retries in the middle: between them no unit may be done again.
const RETRY_EVERY_SECONDS: i64 = 8;
/// How `job wait` ends when units have failed.
const FAILED_UNITS: i32 = 3;
/// How long until clients that can work have leases.
const LEASES_PATIENCE: Duration = Duration::from_secs(40);

/// Some jobs of known results.
#[derive(Debug)]
pub(crate) struct Workload<'w> {
    world: &'w World,
    golden: &'w Golden,
    admin: Admin<'w>,
    /// The dictionary, compiled once.
    dictionary: String,
    rounds: String,
    wide_rounds: String,
    /// The copies of each job.
    jobs: Vec<u8>,
    /// Jobs that were paused, and when they have to go on.
    paused: Vec<(String, Instant)>,
    retries: Vec<Timestamp>,
}

/// What the open jobs are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Units at hosts.
    pub(crate) leased: u64,
    /// Units merged, over all jobs.
    pub(crate) merged: u64,
    /// Jobs that are not done.
    pub(crate) open: u64,
    /// Documents that failed, over all jobs.
    pub(crate) failed: u64,
}

impl<'w> Workload<'w> {
    /// Adds the corpus and submits the first jobs.
    pub(crate) fn new(
        world: &'w World,
        golden: &'w Golden,
        admin: Admin<'w>,
        rounds: u32,
    ) -> Result<Self> {
        let documents = golden.documents();
        let paths: Vec<&str> = documents.iter().map(String::as_str).collect();
        for (name, bytes) in [(CORPUS, SLICE_BYTES), (WIDE, WIDE_SLICE_BYTES)] {
            admin.tell(&[&["corpus", "add", name, "--slice-bytes", bytes], &paths[..]].concat())?;
        }
        let dictionary = world.path("dictionary").display().to_string();
        let ontologies = golden.ontologies();
        let files: Vec<&str> = ontologies.iter().map(String::as_str).collect();
        admin.tell(&[&["ontology", "compile", "--out", &dictionary], &files[..]].concat())?;
        let wide_rounds = format!("rounds={}", (rounds / WIDE_ROUNDS).max(1));
        let rounds = format!("rounds={rounds}");
        let (jobs, paused, retries) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { world, golden, admin, dictionary, rounds, wide_rounds, jobs, paused, retries })
    }

    /// One more job.
    pub(crate) fn submit(&mut self) -> Result<()> {
        let name = name(self.jobs.len());
        let words = ["job", "submit", &name, "--corpus", CORPUS, "--app", "paced-match"];
        let flags = ["--param", &self.rounds, "--deadline", "120s", "--ontology", &self.dictionary];
        self.admin.tell(&[&words[..], &flags].concat())?;
        self.jobs.push(1);
        Ok(())
    }

    /// One more job with short leases, on units of some documents and of one in turn, if it can be
    /// had now: the server may die meanwhile. One that is there though nobody was told so counts.
    pub(crate) fn offer(&mut self, copies: u8) -> Result<()> {
        let name = name(self.jobs.len());
        let said = copies.to_string();
        let (corpus, rounds) = match self.jobs.len() % 2 {
            0 => (WIDE, &self.wide_rounds),
            _ => (CORPUS, &self.rounds),
        };
        let words = ["job", "submit", &name, "--corpus", corpus, "--app", "paced-match"];
        let flags = ["--param", rounds, "--deadline", "8s", "--ontology", &self.dictionary];
        self.admin.ask(&[&words[..], &flags, &["--copies", &said]].concat())?;
        if self.admin.ask(&["job", "status", &name])?.code() == Some(0) {
            self.jobs.push(copies);
        }
        Ok(())
    }

    /// What an operator does now and then: pauses a job and lets it go on, retries one.
    pub(crate) fn meddle(&mut self, standing: Standing, chance: &mut Chance) -> Result<()> {
        if chance.between(1, 12) == 1 && !self.jobs.is_empty() {
            let name = name(self.jobs.len() - 1);
            let until = Instant::now() + Duration::from_millis(chance.between(50, 500));
            self.admin.ask(&["job", "pause", &name])?;
            self.paused.push((name, until));
        }
        let last = self.retries.last().map(|last| Timestamp::now().duration_since(*last));
        let is_due = last.is_none_or(|since| since.as_secs() >= RETRY_EVERY_SECONDS);
        if standing.failed > 0 && is_due {
            self.retries.push(Timestamp::now());
            let job = usize::try_from(chance.between(0, self.jobs.len() as u64 - 1))?;
            self.admin.ask(&["job", "retry", &name(job)])?;
        }
        let now = Instant::now();
        for (name, _) in self.paused.extract_if(.., |(_, until)| *until <= now) {
            // If the server is away just now, the end does it again.
            self.admin.ask(&["job", "resume", &name])?;
        }
        Ok(())
    }

    /// Faults have ended: every job goes on to its end. Documents that failed because the app was
    /// made to panic, or because leases ran out too often, are done again.
    pub(crate) fn settle_down(&mut self) -> Result<()> {
        for job in 0..self.jobs.len() {
            let name = name(job);
            self.admin.tell(&["job", "resume", &name])?;
            let limit = format!("{}s", PATIENCE.as_secs());
            let wait = ["job", "wait", &name, "--timeout", &limit];
            if self.admin.ask_within(PATIENCE, &wait)?.code() == Some(FAILED_UNITS) {
                self.retries.push(Timestamp::now());
                self.admin.tell(&["job", "retry", &name])?;
            }
        }
        Ok(())
    }

    /// Has the failed documents of the first job done again.
    pub(crate) fn retry_first(&mut self) -> Result<()> {
        self.retries.push(Timestamp::now());
        self.admin.tell(&["job", "retry", &name(0)]).map(drop)
    }

    /// When jobs were retried.
    pub(crate) fn retries(&self) -> &[Timestamp] {
        &self.retries
    }

    /// How many jobs there are.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.len()
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> u64 {
        self.jobs.len() as u64 * DOCUMENTS
    }

    /// What the jobs are doing; none if the server does not answer.
    pub(crate) fn standing(&self) -> Result<Option<Standing>> {
        let answer = self.admin.ask(&["--json", "job", "list"])?;
        if answer.code() != Some(0) {
            return Ok(None);
        }
        let list: Value = serde_json::from_str(answer.out.trim())?;
        let mut standing = Standing::default();
        for status in list["jobs"].as_array().context("the list has no jobs")? {
            let number = |name: &str| status[name].as_u64().context("a number is missing");
            standing.leased += number("leased")?;
            standing.merged += number("merged")?;
            standing.failed += number("failed")?;
            standing.open += u64::from(status["phase"] != "done");
        }
        Ok(Some(standing))
    }

    /// Waits until units are at hosts; submits another job if all are done.
    pub(crate) fn keep_busy(&mut self) -> Result<Standing> {
        until(LEASES_PATIENCE, "units at hosts", || {
            let standing = self.standing()?;
            if standing.is_some_and(|standing| standing.open == 0) {
                self.submit()?;
            }
            Ok(standing.filter(|standing| standing.leased > 0))
        })
    }

    /// Waits for all jobs and compares each with the golden files.
    pub(crate) fn finish(&self) -> Result<()> {
        let mut merges = 0;
        for (job, copies) in self.jobs.iter().enumerate() {
            let name = name(job);
            self.admin.wait(&name, PATIENCE)?;
            let status = self.admin.json(&["job", "status", &name])?;
            let merged = status["merged"].as_u64().context("a number is missing")?;
            let whole = status["merged"] == status["units"] && status["failed"] == 0;
            ensure!(whole && merged > 0, "not whole: {status}");
            merges += merged * u64::from(*copies);
            let out = self.world.path(&format!("out-{name}"));
            self.admin.export(&name, &out)?;
            self.golden.compare(&out).with_context(|| format!("job {name}"))?;
        }
        self.merged_once(merges)
    }

    /// Each merge was counted for the hosts whose results agreed with it, in the same transaction: a
    /// unit that was merged twice would be counted twice.
    fn merged_once(&self, expected: u64) -> Result<()> {
        let out = self.admin.tell(&["--json", "host", "list"])?;
        let mut merged = 0;
        for line in out.lines() {
            let value: Value = serde_json::from_str(line)?;
            merged += counted(&value);
        }
        ensure!(merged == expected, "hosts count {merged} merges of {expected}");
        Ok(())
    }
}

/// The merges of all hosts in an object of a list, whatever the list is called.
fn counted(value: &Value) -> u64 {
    match value {
        Value::Object(fields) => {
            let inner: u64 = fields.values().filter(|inner| !inner.is_number()).map(counted).sum();
            inner + fields.get("merged").and_then(Value::as_u64).unwrap_or(0)
        }
        Value::Array(rows) => rows.iter().map(counted).sum(),
        _ => 0,
    }
}

fn name(job: usize) -> String {
    format!("paced-{job}")
}
