//! `result export`: each file appears whole or not at all; nothing that is there is overwritten.

use std::path::PathBuf;

use clap::Args;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::export::{Entry, Folder, Form, Manifest, Writer};
use crate::fault::{Exit, Fault};
use crate::progress::{Mark, Measure, Progress};
use crate::{show, talk};

/// Write the results of a job to files.
#[derive(Args, Debug)]
#[command(after_help = "\
TSV has a header, ends lines with LF and quotes nothing; CSV is RFC 4180;
JSONL has one object a line; Parquet has a folder for each table, which pandas
and DuckDB open without options. Rows are in the order of their keys.
manifest.json lists all files with their digests: see result verify.

Example:
  gleaner-admin result export words --to out --format csv")]
pub(crate) struct Export {
    /// The job
    #[arg(value_name = "JOB")]
    job: String,
    /// The folder to write to, made if there is none
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// How rows are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Form::Tsv)]
    format: Form,
    /// Write to a folder that has files in it, over those of the same names
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Exported {
    job: String,
    to: String,
    files: Vec<Entry>,
}

impl Export {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let request = Request::ResultExports { job: self.job.clone() };
        let Reply::Exports(files) = admin.ask(&request).await? else {
            return Err(talk::misfit());
        };
        let folder = match self.force {
            true => Folder::any(&self.to)?,
            false => Folder::empty(&self.to)?,
        };
        folder.begin()?;
        let total = files.iter().map(|file| file.rows).sum();
        let title = format!("result export {}", self.job);
        let progress = admin.progress(&title, Measure::Things("rows"));
        let mut advance = Advance { progress, mark: Mark { done: 0, total } };
        let mut written = Vec::new();
        for file in files {
            let writer = folder.writer(&file, self.format)?;
            let name = file.name.clone();
            let request = Request::ResultRows { job: self.job.clone(), file: file.name };
            let entries = fetch(admin, &request, writer, &mut advance).await?;
            let rows: u64 = entries.iter().map(|entry| entry.rows).sum();
            if rows != file.rows {
                let told = format!("{}: {rows} rows, {} when it began", escaped(&name), file.rows);
                advance.progress.note(&told);
            }
            written.extend(entries);
        }
        drop(advance);
        folder.end(&Manifest::new(&self.job, self.format.name(), written.clone()))?;
        let to = self.to.display().to_string();
        let exported = Exported { job: self.job, to, files: written };
        admin.output.show("gleaner/result-export/1", &exported, || text(&exported))?;
        Ok(Exit::Done)
    }
}

/// How far the export is.
struct Advance {
    progress: Progress,
    mark: Mark,
}

/// All rows of one table; its files.
async fn fetch(
    admin: &Admin,
    request: &Request,
    mut writer: Writer,
    advance: &mut Advance,
) -> Result<Vec<Entry>, Fault> {
    let mut talk = admin.open().await?;
    talk.ask(request).await?;
    loop {
        match talk.reply().await? {
            Reply::Rows(rows) => {
                writer.rows(&rows)?;
                advance.mark.done += rows.len() as u64;
                advance.progress.set(advance.mark);
            }
            Reply::Done => return writer.close(),
            _ => return Err(talk::misfit()),
        }
    }
}

fn text(exported: &Exported) -> String {
    let rows = exported.files.iter().map(|file| file.rows).sum();
    let bytes = exported.files.iter().map(|file| file.bytes).sum();
    let mut text = format!(
        "{}  {}, {}, {}\n",
        escaped(&exported.to),
        show::counted(exported.files.len() as u64, "file"),
        show::counted(rows, "row"),
        show::bytes(bytes)
    );
    for file in &exported.files {
        text.push_str(&format!("  {}  {}\n", escaped(&file.file), show::counted(file.rows, "row")));
    }
    text
}
