//! Jobs on the reference corpus that keep clients busy for as long as a proof needs them, and whose
//! results are known.
//!
//! Each document is a slice of its own, and the app is the paced one: the same rules, the same
//! bytes, some rounds of the work for each document.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::golden::DOCUMENTS;
use crate::wait::until;
use crate::{Admin, Golden, World};

const CORPUS: &str = "open";
/// One document a slice: the least that is possible.
const SLICE_BYTES: &str = "1024";
/// How long a job may take when all faults have stopped.
const PATIENCE: Duration = Duration::from_secs(600);
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
    jobs: usize,
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
        admin.tell(
            &[&["corpus", "add", CORPUS, "--slice-bytes", SLICE_BYTES], &paths[..]].concat(),
        )?;
        let dictionary = world.path("dictionary").display().to_string();
        let ontologies = golden.ontologies();
        let files: Vec<&str> = ontologies.iter().map(String::as_str).collect();
        admin.tell(&[&["ontology", "compile", "--out", &dictionary], &files[..]].concat())?;
        let rounds = format!("rounds={rounds}");
        Ok(Self { world, golden, admin, dictionary, rounds, jobs: 0 })
    }

    /// One more job.
    pub(crate) fn submit(&mut self) -> Result<()> {
        let name = name(self.jobs);
        let words = ["job", "submit", &name, "--corpus", CORPUS, "--app", "paced-match"];
        let flags = ["--param", &self.rounds, "--deadline", "15s", "--ontology", &self.dictionary];
        self.admin.tell(&[&words[..], &flags].concat())?;
        self.jobs += 1;
        Ok(())
    }

    /// How many jobs there are.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> u64 {
        self.jobs as u64 * DOCUMENTS
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
        for job in 0..self.jobs {
            let name = name(job);
            self.admin.wait(&name, PATIENCE)?;
            let status = self.admin.json(&["job", "status", &name])?;
            let merged = status["merged"].as_u64();
            ensure!(merged == Some(DOCUMENTS) && status["failed"] == 0, "not whole: {status}");
            let out = self.world.path(&format!("out-{name}"));
            self.admin.export(&name, &out)?;
            self.golden.compare(&out).with_context(|| format!("job {name}"))?;
        }
        self.merged_once()
    }

    /// Each merge was counted for the host whose result it took, in the same transaction: a unit
    /// that was merged twice would be counted twice.
    fn merged_once(&self) -> Result<()> {
        let out = self.admin.tell(&["--json", "host", "list"])?;
        let mut merged = 0;
        for line in out.lines() {
            let value: Value = serde_json::from_str(line)?;
            merged += counted(&value);
        }
        ensure!(merged == self.units(), "{merged} merges of {} units", self.units());
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
