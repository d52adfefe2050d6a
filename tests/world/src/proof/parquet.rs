//! A Parquet export opens in DuckDB and pandas without options, says what the database says, and is
//! smaller than the gzip CSV. So do the lines of `result connect`.
//!
//! Both come from PyPI, into a folder of the world.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::papers::{Metadata, Papers};
use crate::{Admin, Client, Golden, Server, World};

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Generated papers: sizes mean little below some hundreds.
    pub papers: u64,
    /// Decides what they say.
    pub seed: u64,
}

/// Bytes of a paper on the average.
const PAPER_BYTES: u64 = 24_000;
const PATIENCE: Duration = Duration::from_secs(900);
/// Of the bytes of the gzip CSV, in hundredths.
const SHARE_MAX: u64 = 65;
/// Two jobs, so that both kinds of tables are there: appended and summed.
const JOBS: [&str; 2] = ["graph", "words"];
/// Programs whose lines of `result connect` are Python.
const PYTHON: [&str; 5] = ["python", "pandas", "duckdb", "parquet-pandas", "parquet-duckdb"];
const SCRIPT: &str = include_str!("parquet.py");

/// Computes, exports, opens and compares.
///
/// # Errors
/// If a table does not open or differs, the export is larger, or PyPI is out of reach.
pub fn prove(world: &World, golden: &Golden, size: Size) -> Result<String> {
    let python = python(world)?;
    let mut server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    papers(world, &admin, size)?;
    let ontologies = golden.ontologies();
    let graph = ["job", "submit", JOBS[0], "--corpus", "papers", "--app", "ontology-match"];
    let files: Vec<&str> = ontologies.iter().map(String::as_str).collect();
    admin.tell(&[&graph[..], &["--ontology"], &files[..]].concat())?;
    admin.tell(&["job", "submit", JOBS[1], "--corpus", "papers", "--app", "word-count"])?;
    let invite = admin.invite(&["--trusted", "--uses", "1"])?;
    let mut client = Client::join(world, "ada", &invite)?;
    client.start()?;
    let (mut typed, mut packed, mut lines) = (0, 0, Vec::new());
    for job in JOBS {
        admin.wait(job, PATIENCE)?;
        let compared = compare(world, &admin, &python, server.data(), job)?;
        typed += compared.typed_bytes;
        packed += compared.packed_bytes;
        lines.push(format!("{job}: {compared}"));
    }
    client.stop()?;
    server.stop()?;
    // Of the two together: a list of words that are all different cannot be made much smaller.
    ensure!(
        typed * 100 <= packed * SHARE_MAX,
        "Parquet has {typed} bytes, the gzip CSV {packed}: {}",
        lines.join("; ")
    );
    Ok(format!(
        "seed {}, {} papers: {}; together {:.2} of the gzip CSV",
        size.seed,
        size.papers,
        lines.join("; "),
        typed as f64 / packed as f64
    ))
}

/// What one job's export was compared in.
struct Compared {
    tables: u64,
    rows: u64,
    typed_bytes: u64,
    packed_bytes: u64,
}

impl fmt::Display for Compared {
    fn fmt(&self, target: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tables, rows, typed_bytes, packed_bytes } = self;
        let share = *typed_bytes as f64 / *packed_bytes as f64;
        write!(
            target,
            "{tables} tables, {rows} rows as the database has them in DuckDB and pandas, \
             {typed_bytes} bytes, {share:.2} of the gzip CSV"
        )
    }
}

/// One job's export against its tables; then what `result connect` prints is run.
fn compare(
    world: &World,
    admin: &Admin<'_>,
    python: &Path,
    data: &Path,
    job: &str,
) -> Result<Compared> {
    let folder = world.path(job);
    std::fs::create_dir_all(&folder)?;
    let export = |format: &str, name: &str| {
        let to = folder.join(name).display().to_string();
        let words = ["result", "export", job, "--to", &to, "--format", format];
        admin.tell_within(PATIENCE, &words)?;
        admin.tell(&["result", "verify", &to])?;
        Ok::<_, anyhow::Error>(to)
    };
    // `result connect` says that the export is in `out`.
    let (parquet, csv) = (export("parquet", "out")?, export("csv", "csv")?);
    let tables = admin.json(&["result", "tables", job])?;
    let tables = tables["tables"].as_array().context("no tables are listed")?;
    let pair =
        |table: &Value| Some((table["table"].as_str()?.to_owned(), table["sql_name"].clone()));
    let names: Map<String, Value> = tables.iter().filter_map(pair).collect();
    let names = Value::Object(names).to_string();
    let database = data.join("gleaner.db").display().to_string();
    let said = run(python, &["-c", SCRIPT, &parquet, &csv, &database, &names])?;
    let numbers: Vec<u64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[tables, rows, typed_bytes, packed_bytes] = &numbers[..] else {
        bail!("the script said {said}")
    };
    ensure!(tables > 0 && packed_bytes > 0, "nothing was compared: {said}");
    let connect = admin.json(&["result", "connect", job])?;
    let lines = connect["lines"].as_array().context("no lines are printed")?;
    let mut ran = 0;
    for line in lines {
        let program = line["program"].as_str().context("a line names no program")?;
        if !PYTHON.contains(&program) {
            continue;
        }
        run_in(&folder, python, &["-c", line["code"].as_str().context("a line has no code")?])?;
        ran += 1;
    }
    ensure!(ran == PYTHON.len(), "lines for Python are missing: {connect}");
    Ok(Compared { tables, rows, typed_bytes, packed_bytes })
}

fn papers(world: &World, admin: &Admin<'_>, size: Size) -> Result<()> {
    let (folder, metadata) = (world.path("papers"), world.path("metadata.csv"));
    let mut rows = Metadata::new(&metadata)?;
    Papers::new(size.seed)?.write(&folder, &mut rows, size.papers * PAPER_BYTES)?;
    rows.end()?;
    let (folder, table) = (folder.display().to_string(), metadata.display().to_string());
    admin.tell_within(PATIENCE, &["corpus", "add", "papers", &folder, "--metadata", &table])?;
    Ok(())
}

/// A Python that has both programs.
fn python(world: &World) -> Result<PathBuf> {
    let folder = world.path("python");
    run(Path::new("python3"), &["-m", "venv", &folder.display().to_string()])?;
    let python = folder.join("bin/python");
    let words = ["-m", "pip", "install", "--quiet", "duckdb", "pandas", "pyarrow"];
    run(&python, &words).context("DuckDB and pandas come from PyPI")?;
    Ok(python)
}

fn run(program: &Path, words: &[&str]) -> Result<String> {
    run_in(Path::new("."), program, words)
}

fn run_in(folder: &Path, program: &Path, words: &[&str]) -> Result<String> {
    let output = Command::new(program).args(words).current_dir(folder).output();
    let output = output.with_context(|| format!("{} does not start", program.display()))?;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{}: {}\n{out}{err}", program.display(), output.status);
    Ok(out.into_owned())
}
