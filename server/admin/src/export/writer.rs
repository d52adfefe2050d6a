//! One table of an export while it is written: a file of text, or a folder of Parquet files.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use gleaner_shared::table::Row;
use gleaner_shared::wire::admin::result::ExportFile;

use super::form::Form;
use super::manifest::Entry;
use super::parts::Parts;
use crate::fault::{Exit, Fault, Told};
use crate::talk;

/// Writes the rows of one table.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: PathBuf,
    path: PathBuf,
    table: String,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// `NAME.part`, which gets its name in the end.
    Text {
        form: Form,
        draft: PathBuf,
        columns: Vec<String>,
        file: BufWriter<File>,
        rows: u64,
    },
    Parquet(Box<Parts>),
}

impl Writer {
    /// Of a table in a folder.
    pub(super) fn create(folder: &Path, form: Form, export: &ExportFile) -> Result<Self, Fault> {
        let path = folder.join(form.file_name(&export.name));
        let target = match form {
            Form::Parquet => Parts::create(path.clone(), &export.columns, &export.types)
                .map(|parts| Target::Parquet(Box::new(parts))),
            form => text(&path, form, export),
        };
        let target = target.map_err(|error| fault(&path, &error))?;
        Ok(Self { folder: folder.to_owned(), path, table: export.name.clone(), target })
    }

    /// Writes some rows.
    pub(crate) fn rows(&mut self, new: &[Row]) -> Result<(), Fault> {
        for row in new {
            let written = match &mut self.target {
                Target::Parquet(parts) => parts.row(row),
                Target::Text { columns, .. } if row.len() != columns.len() => Ok(false),
                Target::Text { form, columns, file, rows, .. } => {
                    *rows += 1;
                    form.row(file, columns, row).map(|()| true)
                }
            };
            if !written.map_err(|error| fault(&self.path, &error))? {
                return Err(talk::misfit());
            }
        }
        Ok(())
    }

    /// The table is complete: its files. They have their names only once they are on disk.
    pub(crate) fn close(self) -> Result<Vec<Entry>, Fault> {
        let Self { folder, path, table, target } = self;
        let files = match target {
            Target::Parquet(parts) => parts.close(),
            Target::Text { draft, file, rows, .. } => {
                named(&draft, &path, file).map(|()| vec![(path.clone(), rows)])
            }
        };
        let entries = files.and_then(|files| {
            let entry = |(file, rows): &(PathBuf, u64)| Entry::read(&folder, file, &table, *rows);
            files.iter().map(entry).collect()
        });
        entries.map_err(|error| fault(&path, &error))
    }
}

fn text(path: &Path, form: Form, export: &ExportFile) -> io::Result<Target> {
    let mut draft = path.to_owned().into_os_string();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&draft)?);
    form.header(&mut file, &export.columns)?;
    Ok(Target::Text { form, draft, columns: export.columns.clone(), file, rows: 0 })
}

fn named(draft: &Path, path: &Path, file: BufWriter<File>) -> io::Result<()> {
    file.into_inner()?.sync_all()?;
    fs::rename(draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Bytes gathered before the system is called.
const BUFFER_BYTES: usize = 256 * 1024;

pub(super) fn fault(path: &Path, error: &io::Error) -> Fault {
    let next = match error.kind() {
        io::ErrorKind::InvalidData => "repeat the export with --format csv or --format jsonl",
        io::ErrorKind::StorageFull => "free some space on that disk, then repeat the export",
        _ => "see that the folder can be written to, then repeat the export",
    };
    Told {
        exit: Exit::Failed,
        what: format!("{} cannot be written", path.display()),
        why: error.to_string(),
        next: next.into(),
    }
    .into()
}
