//! One file of an export while it is written.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::PathBuf;

use gleaner_shared::table::Row;

use super::form::Form;
use crate::fault::{Exit, Fault, Told};
use crate::talk;

/// Writes rows to `NAME.part`, which gets its name in the end.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    draft: PathBuf,
    form: Form,
    columns: Vec<String>,
    file: BufWriter<File>,
}

impl Writer {
    /// Of a file that will be at `path`.
    pub(super) fn create(path: PathBuf, form: Form, columns: Vec<String>) -> Result<Self, Fault> {
        let mut draft = path.clone().into_os_string();
        draft.push(".part");
        let draft = PathBuf::from(draft);
        let file = File::create(&draft).map_err(|error| fault(&path, &error))?;
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, file);
        form.header(&mut file, &columns).map_err(|error| fault(&path, &error))?;
        Ok(Self { path, draft, form, columns, file })
    }

    /// Writes some rows.
    pub(crate) fn rows(&mut self, rows: &[Row]) -> Result<(), Fault> {
        for row in rows {
            if row.len() != self.columns.len() {
                return Err(talk::misfit());
            }
            let written = self.form.row(&mut self.file, &self.columns, row);
            written.map_err(|error| fault(&self.path, &error))?;
        }
        Ok(())
    }

    /// The file is complete: its size in bytes. It has its name only once it is on disk.
    pub(crate) fn close(self) -> Result<u64, Fault> {
        let Self { path, draft, file, .. } = self;
        let close = || -> io::Result<u64> {
            let file = file.into_inner()?;
            file.sync_all()?;
            let bytes = file.metadata()?.len();
            fs::rename(&draft, &path)?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            Ok(bytes)
        };
        close().map_err(|error| fault(&path, &error))
    }
}

/// Bytes gathered before the system is called.
const BUFFER_BYTES: usize = 256 * 1024;

fn fault(path: &std::path::Path, error: &io::Error) -> Fault {
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
