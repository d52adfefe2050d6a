//! `result verify`: the files of an export against its manifest, and its rows against the database.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::export::{MANIFEST, Manifest};
use crate::fault::{Exit, Fault, Told};
use crate::progress::{Mark, Measure};
use crate::{show, talk};

/// Check the files of an export.
#[derive(Args, Debug)]
#[command(after_help = "\
Reads every file and compares it with the digests of manifest.json, which the
export wrote. Needs no server, unless rows are compared with a job's.
Ends with 11 if a file is missing, changed or not of the export.

Examples:
  gleaner-admin result verify out
  gleaner-admin result verify out --job words")]
pub(crate) struct Verify {
    /// The folder of the export
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Compare the numbers of rows with this job's tables too
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
}

#[derive(Serialize)]
struct Verified {
    folder: String,
    job: String,
    files: u64,
    rows: u64,
    bytes: u64,
    wrong: Vec<String>,
}

impl Verify {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let manifest = Manifest::read(&self.folder).map_err(|error| self.unreadable(&error))?;
        let bytes = manifest.files.iter().map(|entry| entry.bytes).sum();
        let mut progress = admin.progress("result verify", Measure::Bytes);
        let mut done = 0;
        let advance = |more| {
            done += more;
            progress.set(Mark { done, total: bytes });
        };
        let found = manifest.differences(&self.folder, advance);
        let mut wrong = found.map_err(|error| self.unreadable(&error))?;
        drop(progress);
        if let Some(job) = &self.job {
            wrong.extend(rows_differ(admin, job, &manifest).await?);
        }
        let verified = Verified {
            folder: self.folder.display().to_string(),
            job: manifest.job,
            files: manifest.files.len() as u64,
            rows: manifest.files.iter().map(|entry| entry.rows).sum(),
            bytes,
            wrong,
        };
        admin.output.show("gleaner/result-verify/1", &verified, || text(&verified))?;
        Ok(if verified.wrong.is_empty() { Exit::Done } else { Exit::Checksum })
    }

    fn unreadable(&self, error: &std::io::Error) -> Fault {
        let exit = match error.kind() {
            std::io::ErrorKind::NotFound => Exit::NotFound,
            std::io::ErrorKind::InvalidData => Exit::Checksum,
            _ => Exit::Failed,
        };
        Told {
            exit,
            what: format!("the export in {} cannot be verified", self.folder.display()),
            why: format!("{MANIFEST}: {error}"),
            next: "give the folder that result export wrote, or export again".into(),
        }
        .into()
    }
}

/// Tables whose rows are not those of the job.
async fn rows_differ(admin: &Admin, job: &str, manifest: &Manifest) -> Result<Vec<String>, Fault> {
    let request = Request::ResultExports { job: job.to_owned() };
    let Reply::Exports(files) = admin.ask(&request).await? else { return Err(talk::misfit()) };
    let mut exported: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in &manifest.files {
        *exported.entry(&entry.table).or_default() += entry.rows;
    }
    let mut wrong = Vec::new();
    for file in files {
        let rows = exported.remove(file.name.as_str()).unwrap_or(0);
        if rows != file.rows {
            wrong.push(format!("{} has {rows} rows, and {} in the job", file.name, file.rows));
        }
    }
    wrong.extend(exported.keys().map(|table| format!("{table} is no table of the job")));
    Ok(wrong)
}

fn text(verified: &Verified) -> String {
    let mut text = format!(
        "{}  {}, {}, {}, {} wrong\n",
        escaped(&verified.folder),
        show::counted(verified.files, "file"),
        show::counted(verified.rows, "row"),
        show::bytes(verified.bytes),
        show::count(verified.wrong.len() as u64)
    );
    for line in &verified.wrong {
        text.push_str(&format!("  {}\n", escaped(line)));
    }
    text
}
