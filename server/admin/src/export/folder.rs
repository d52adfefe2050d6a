//! The folder that an export writes to. What is in it already is not touched unless it is asked for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gleaner_shared::wire::admin::result::ExportFile;

use super::form::Form;
use super::writer::Writer;
use crate::fault::{Exit, Fault, Told};
use crate::talk;

/// A folder that can be written to.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder with nothing in it, made if there is none. What an interrupted export left does not
    /// count.
    pub(crate) fn empty(path: &Path) -> Result<Self, Fault> {
        let folder = Self::any(path)?;
        let entries = fs::read_dir(path).map_err(|error| folder_fault(path, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| folder_fault(path, &error))?;
            if Path::new(&entry.file_name()).extension().is_none_or(|ending| ending != "part") {
                return Err(Told {
                    exit: Exit::Conflict,
                    what: format!("folder {} is not empty", path.display()),
                    why: "an export overwrites nothing unless it is told to".into(),
                    next: "give another folder, or add --force".into(),
                }
                .into());
            }
        }
        Ok(folder)
    }

    /// A folder, whatever is in it, made if there is none.
    pub(crate) fn any(path: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(path).map_err(|error| folder_fault(path, &error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// A writer of one file of the export.
    pub(crate) fn writer(&self, file: &ExportFile, form: Form) -> Result<Writer, Fault> {
        // The name comes from the server: it must not leave the folder.
        let is_plain = !file.name.is_empty()
            && file.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !is_plain || file.columns.is_empty() {
            return Err(talk::misfit());
        }
        Writer::create(self.path.join(form.file_name(&file.name)), form, file.columns.clone())
    }
}

fn folder_fault(path: &Path, error: &io::Error) -> Fault {
    Told {
        exit: Exit::Failed,
        what: format!("folder {} cannot be used", path.display()),
        why: error.to_string(),
        next: "give a folder that you may write to".into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use gleaner_shared::table::{ColumnType, Value};

    use super::*;

    fn file(name: &str) -> ExportFile {
        let columns = vec!["word".to_owned()];
        ExportFile { name: name.into(), columns, types: vec![ColumnType::Text], rows: 1 }
    }

    #[test]
    fn a_folder_with_files_is_refused_unless_forced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("words.tsv.part"), "left over").unwrap();
        assert!(Folder::empty(dir.path()).is_ok());
        assert!(Folder::empty(&dir.path().join("new/folder")).is_ok());
        assert_eq!(Folder::empty(dir.path()).unwrap_err().exit(), Exit::Conflict);
        assert!(Folder::any(dir.path()).is_ok());
    }

    #[test]
    fn a_server_cannot_write_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::empty(dir.path()).unwrap();
        for name in ["", "..", "../words", "/etc/words", "a/b", "a.b", "a\u{1b}"] {
            let refused = folder.writer(&file(name), Form::Tsv).unwrap_err();
            assert_eq!(refused.exit(), Exit::Version, "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_appears_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::empty(dir.path()).unwrap();
        let path = dir.path().join("words.tsv");
        let mut writer = folder.writer(&file("words"), Form::Tsv).unwrap();
        writer.rows(&[vec![Value::Text("a".into())]]).unwrap();
        assert!(!path.exists());
        assert_eq!(writer.close().unwrap(), 7);
        assert_eq!(fs::read_to_string(&path).unwrap(), "word\na\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let mut writer = folder.writer(&file("words"), Form::Tsv).unwrap();
        let wide = vec![Value::Int(1), Value::Int(2)];
        assert_eq!(writer.rows(&[wide]).unwrap_err().exit(), Exit::Version);
    }
}
