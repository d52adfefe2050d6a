//! Acceptance 7, first half: bad documents are set aside with a reason; nothing hangs, memory stays
//! bounded.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Server, World, peak_bytes};

/// Memory of the reader and of the server at most. A document is at most 64 MiB; the reader holds
/// one, and its parse.
const PEAK_BYTES_MAX: u64 = 320 * 1024 * 1024;
/// Of the largest good document.
const LARGE_MEBIBYTES: usize = 60;
const PATIENCE: Duration = Duration::from_secs(120);

/// Bad files, and a word that the reason has to have.
const BAD: [(&str, &str); 6] = [
    ("wrong-type.json", "string"),
    ("not-utf8.json", "utf-8"),
    ("empty.json", ""),
    ("half.json", ""),
    ("cut.xml", ""),
    ("long-line.json", ""),
];

/// Adds a folder of good and bad files.
///
/// # Errors
/// If a bad file is not set aside, a good one is lost, or it costs too much.
pub fn prove(world: &World, line_megabytes: u64) -> Result<String> {
    let folder = world.path("files");
    fs::create_dir(&folder)?;
    write_files(&folder, line_megabytes)?;
    let mut server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    let folder = folder.display().to_string();
    let answer = admin.ask_within(PATIENCE, &["corpus", "add", "mixed", &folder])?;
    ensure!(answer.code() == Some(3), "{:?}, not 3: {}", answer.ended, answer.err);
    let server_peak = peak_bytes(server.process()?.id()).context("the server is gone")?;
    let peak = answer.peak_bytes.max(server_peak);
    ensure!(peak > 0 && peak <= PEAK_BYTES_MAX, "memory rose to {} MB", peak >> 20);
    let shown = admin.tell(&["corpus", "show", "mixed"])?;
    let raw = admin.tell(&["--json", "corpus", "show", "mixed"])?;
    for (name, reason) in BAD {
        let aside = aside(&raw, name).with_context(|| format!("{name} is not set aside: {raw}"))?;
        let text = aside["reason"].as_str().unwrap_or_default().to_lowercase();
        ensure!(!text.is_empty() && text.contains(reason), "{name}: the reason is {text:?}");
        ensure!(shown.contains(name), "{name} is not shown: {shown}");
    }
    let double = aside(&raw, "twice/good.txt");
    ensure!(double.is_some(), "the second document of one id is not set aside: {raw}");
    ensure!(raw.contains("\"documents\":4"), "the good documents are not there: {raw}");
    server.process()?.expect_alive()?;
    server.stop()?;
    Ok(format!(
        "{} bad files (one a line of {line_megabytes} MB) and a double id set aside, 4 good ones \
         (one a line of {LARGE_MEBIBYTES} MB) added in {:.1} s; peak memory {} MB",
        BAD.len(),
        answer.took.as_secs_f64(),
        peak >> 20
    ))
}

fn write_files(folder: &Path, line_megabytes: u64) -> Result<()> {
    let article = |title: &str| {
        format!(
            "{{\"paper_id\":\"x\",\"metadata\":{{\"title\":{title}}},\"abstract\":[],\
             \"body_text\":[{{\"text\":\"Fever and cough.\"}}]}}"
        )
    };
    fs::create_dir(folder.join("twice"))?;
    for (name, bytes) in [
        ("article.json", article("\"Fever\"").into_bytes()),
        ("good.txt", b"Fever and cough.".to_vec()),
        ("twice/good.txt", b"Another text under the same name.".to_vec()),
        ("latin.txt", b"Fi\xe8vre and cough.".to_vec()),
        ("wrong-type.json", article("17").into_bytes()),
        ("not-utf8.json", b"{\"metadata\":{\"title\":\"\xff\xfe\"}}".to_vec()),
        ("empty.json", Vec::new()),
        ("half.json", article("\"Half\"").into_bytes()[..60].to_vec()),
        ("cut.xml", b"<article><front><article-meta><title-group><article-title>Cut".to_vec()),
    ] {
        fs::write(folder.join(name), bytes)?;
    }
    let mut long = BufWriter::new(File::create(folder.join("long-line.json"))?);
    long.write_all(b"{\"metadata\":{\"title\":\"")?;
    let piece = vec![b'a'; 1 << 20];
    for _ in 0..line_megabytes {
        long.write_all(&piece)?;
    }
    long.write_all(b"\"}}")?;
    long.flush()?;
    // As large as a document may be: it goes in.
    Ok(fs::write(folder.join("large.txt"), piece.repeat(LARGE_MEBIBYTES))?)
}

/// The object in some JSON lines whose `source` ends so.
fn aside(lines: &str, name: &str) -> Option<Value> {
    lines.lines().find_map(|line| find(&serde_json::from_str(line).ok()?, name))
}

fn find(value: &Value, name: &str) -> Option<Value> {
    if value["source"].as_str().is_some_and(|source| source.ends_with(name)) {
        return Some(value.clone());
    }
    match value {
        Value::Object(fields) => fields.values().find_map(|inner| find(inner, name)),
        Value::Array(rows) => rows.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}
