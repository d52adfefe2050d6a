//! Results: the tables of a job, the files of its export, and their rows as a stream.
//!
//! Only a job that has ended is exported: before that, its tables do not fit each other.

use gleaner_apps::dictionary::{Dictionary, Entry};
use gleaner_apps::{App, Export};
use gleaner_engine::effect::JobState;
use gleaner_link::{Framed, LinkError};
use gleaner_shared::limits::{ROWS_AHEAD, ROWS_BYTES_MAX};
use gleaner_shared::table::{ColumnType, Row, Table, Value};
use gleaner_shared::wire::admin::result::ExportFile;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{JobRecord, RowsWish};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::series::Ended;
use super::{Commands, problem, store_problem};
use crate::registry;

/// Types of the columns of a dictionary's export: key, mode, class, concept.
const DICTIONARY_TYPES: [ColumnType; 4] =
    [ColumnType::Text, ColumnType::Text, ColumnType::Int, ColumnType::Text];
/// Encoded bytes of a dictionary's row beside its key and concept, at most.
const ENTRY_BYTES: usize = 48;

impl Commands {
    pub(super) async fn result_tables(&self, name: &str) -> Result<Reply, Problem> {
        let job = self.job_find(name).await?;
        let tables = self.store.table_list(job.id).await;
        tables.map(Reply::Tables).map_err(|error| store_problem(&what(name), &error))
    }

    pub(super) async fn result_exports(&self, name: &str) -> Result<Reply, Problem> {
        let (job, app) = self.job_ended(name).await?;
        let mut files = Vec::new();
        for export in app.exports() {
            let (types, rows) = match registry::table_of(app, export.source) {
                Some(table) => {
                    let rows = self.store.row_count(job.id, table.name).await;
                    let rows = rows.map_err(|error| store_problem(&what(name), &error))?;
                    (types(table, export), rows)
                }
                None => {
                    let matcher = self.dictionary_of(&job, &what(name)).await?;
                    (DICTIONARY_TYPES.to_vec(), matcher.dictionary().counts().keys as u64)
                }
            };
            let columns = export.columns.iter().map(|column| (*column).to_owned()).collect();
            files.push(ExportFile { name: file_name(export).into(), columns, types, rows });
        }
        Ok(Reply::Exports(files))
    }

    pub(super) async fn result_rows<R, W>(
        &self,
        name: &str,
        file: &str,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let (job, app) = self.job_ended(name).await?;
        let Some(export) = app.exports().iter().find(|export| file_name(export) == file) else {
            let why = format!("its export has no file {file:?}");
            let next = "gleaner-admin result export";
            return Err(problem(ProblemKind::NotFound, &what(name), &why, next).into());
        };
        match registry::table_of(app, export.source) {
            Some(table) => self.table_rows(&job, (table, export), stream).await?,
            None => {
                let matcher = self.dictionary_of(&job, &what(name)).await?;
                dictionary_rows(matcher.dictionary(), stream).await?;
            }
        }
        Ok(stream.send(&Reply::Done).await?)
    }

    /// Reads and sends side by side, a few batches apart.
    async fn table_rows<R, W>(
        &self,
        job: &JobRecord,
        (table, export): (&'static Table, &Export),
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let columns = export.columns.to_vec();
        let wish = RowsWish { job: job.id, table, columns, order_by: export.order.to_vec() };
        let (sender, mut receiver) = mpsc::channel(ROWS_AHEAD);
        let sending = async move {
            while let Some(rows) = receiver.recv().await {
                stream.send(&Reply::Rows(rows)).await?;
            }
            Ok::<_, LinkError>(())
        };
        let (read, sent) = tokio::join!(self.store.rows(wish, sender), sending);
        sent?;
        Ok(read.map_err(|error| store_problem(&what(&job.name), &error))?)
    }

    /// A job that is done or cancelled, and its app.
    async fn job_ended(&self, name: &str) -> Result<(JobRecord, &'static dyn App), Problem> {
        let job = self.job_find(name).await?;
        let why = match job.row.state {
            JobState::Done | JobState::Cancelled => {
                let app = registry::app(&job.app).map_err(|error| {
                    let next = "use the server that ran it";
                    problem(ProblemKind::Failed, &what(name), &error.to_string(), next)
                })?;
                return Ok((job, app));
            }
            JobState::Finishing => "its finish step runs".to_owned(),
            JobState::Running | JobState::Paused => {
                let settled = u64::from(job.row.merged) + u64::from(job.row.failed);
                format!("{settled} units of it are settled, {} are not", open_units(&job, settled))
            }
        };
        let next = format!("gleaner-admin job wait {name}");
        Err(problem(ProblemKind::Conflict, &what(name), &why, &next))
    }
}

/// At least; units that failed may have been split.
fn open_units(job: &JobRecord, settled: u64) -> u64 {
    u64::from(job.row.slices).saturating_sub(settled).max(1)
}

async fn dictionary_rows<R, W>(
    dictionary: &Dictionary,
    stream: &mut Framed<R, W>,
) -> Result<(), LinkError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for entry in dictionary.entries() {
        let more = entry.key.len() + entry.concept.len() + ENTRY_BYTES;
        if bytes + more > ROWS_BYTES_MAX && !batch.is_empty() {
            stream.send(&Reply::Rows(std::mem::take(&mut batch))).await?;
            bytes = 0;
        }
        bytes += more;
        batch.push(entry_row(entry));
    }
    if batch.is_empty() { Ok(()) } else { stream.send(&Reply::Rows(batch)).await }
}

fn entry_row(entry: Entry<'_>) -> Row {
    vec![
        Value::Text(entry.key.to_owned()),
        Value::Text(entry.mode.name().to_owned()),
        Value::Int(entry.class as i64),
        Value::Text(entry.concept.to_owned()),
    ]
}

fn types(table: &Table, export: &Export) -> Vec<ColumnType> {
    let kind = |name: &&str| table.columns.iter().find(|column| column.name == *name);
    export.columns.iter().filter_map(kind).map(|column| column.kind).collect()
}

/// A file's name without its extension, which the asker's format gives.
fn file_name(export: &Export) -> &'static str {
    export.file.split('.').next().unwrap_or(export.file)
}

fn what(name: &str) -> String {
    format!("the results of job {name} cannot be read")
}
