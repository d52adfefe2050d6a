//! The folder that an export writes to. What is in it already is not touched unless it is asked for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gleaner_shared::wire::admin::result::ExportFile;

use super::form::Form;
use super::manifest::{MANIFEST, Manifest};
use super::writer::{Writer, fault};
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
        if file.types.len() != file.columns.len() {
            return Err(talk::misfit());
        }
        Writer::create(&self.path, form, file)
    }

    /// The export begins: what an older manifest says is no longer so.
    pub(crate) fn begin(&self) -> Result<(), Fault> {
        match fs::remove_file(self.path.join(MANIFEST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(folder_fault(&self.path, &error))
            }
            _ => Ok(()),
        }
    }

    /// The export is complete.
    pub(crate) fn end(&self, manifest: &Manifest) -> Result<(), Fault> {
        manifest.write(&self.path).map_err(|error| fault(&self.path.join(MANIFEST), &error))
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
        assert_eq!(writer.close().unwrap()[0].bytes, 7);
        assert_eq!(fs::read_to_string(&path).unwrap(), "word\na\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let mut writer = folder.writer(&file("words"), Form::Tsv).unwrap();
        let wide = vec![Value::Int(1), Value::Int(2)];
        assert_eq!(writer.rows(&[wide]).unwrap_err().exit(), Exit::Version);
    }

    #[test]
    fn a_parquet_table_appears_when_it_is_whole_and_replaces_the_last() {
        use parquet::file::reader::{FileReader, SerializedFileReader};
        use parquet::record::RowAccessor;

        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::any(dir.path()).unwrap();
        for texts in [&["a", "", "ü"][..], &["b"], &[]] {
            let mut writer = folder.writer(&file("words"), Form::Parquet).unwrap();
            for text in texts {
                writer.rows(&[vec![Value::Text((*text).into())]]).unwrap();
            }
            let wrong = writer.rows(&[vec![Value::Int(1)]]).unwrap_err();
            assert_eq!(wrong.exit(), Exit::Version);
            let mut writer = folder.writer(&file("words"), Form::Parquet).unwrap();
            for text in texts {
                writer.rows(&[vec![Value::Text((*text).into())]]).unwrap();
            }
            let entries = writer.close().unwrap();
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].file, "words/part-00000.parquet");
            assert_eq!(entries[0].rows, texts.len() as u64);
            let file = fs::File::open(dir.path().join("words/part-00000.parquet")).unwrap();
            let reader = SerializedFileReader::new(file).unwrap();
            let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
            let found: Vec<String> = rows.map(|row| row.get_string(0).unwrap().clone()).collect();
            assert_eq!(found, texts);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
