//! The manifest of an export: every file with its rows, bytes and BLAKE3 digest. It is written last,
//! so a folder with one is a whole export.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use gleaner_shared::digest::Hasher;
use gleaner_shared::limits::{FOLDER_DEPTH_MAX, MANIFEST_BYTES_MAX};
use serde::{Deserialize, Serialize};

/// Its name in the folder of the export.
pub(crate) const MANIFEST: &str = "manifest.json";
/// What it is.
const SCHEMA: &str = "gleaner/manifest/1";

/// All files of an export.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    schema: String,
    /// The job.
    pub(crate) job: String,
    /// How rows are written.
    pub(crate) format: String,
    /// The files, tables in their order.
    pub(crate) files: Vec<Entry>,
}

/// A file of an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its path below the folder, with `/`.
    pub(crate) file: String,
    /// Whose rows it has.
    pub(crate) table: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Hexadecimal, as `b3sum` prints it.
    pub(crate) blake3: String,
}

impl Entry {
    /// Of a file as it is on disk.
    pub(crate) fn read(folder: &Path, path: &Path, table: &str, rows: u64) -> io::Result<Self> {
        let below = path.strip_prefix(folder).unwrap_or(path);
        let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
        let file = parts.collect::<Vec<_>>().join("/");
        let (bytes, blake3) = digest(path)?;
        Ok(Self { file, table: table.to_owned(), rows, bytes, blake3 })
    }
}

impl Manifest {
    pub(crate) fn new(job: &str, format: &str, files: Vec<Entry>) -> Self {
        Self { schema: SCHEMA.into(), job: job.into(), format: format.into(), files }
    }

    /// Writes it whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let draft = folder.join(format!("{MANIFEST}.part"));
        let mut file = File::create(&draft)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(MANIFEST))?;
        File::open(folder)?.sync_all()
    }

    /// Of a folder that has one.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let mut text = Vec::new();
        let file = File::open(folder.join(MANIFEST))?;
        file.take(MANIFEST_BYTES_MAX).read_to_end(&mut text)?;
        let manifest: Self = serde_json::from_slice(&text)?;
        let is_inside = |entry: &Entry| {
            Path::new(&entry.file).components().all(|part| matches!(part, Component::Normal(_)))
        };
        if manifest.schema != SCHEMA || !manifest.files.iter().all(is_inside) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no manifest"));
        }
        Ok(manifest)
    }

    /// What differs between the folder and the manifest, in words, in the order of the files.
    pub(crate) fn differences(
        &self,
        folder: &Path,
        mut advance: impl FnMut(u64),
    ) -> io::Result<Vec<String>> {
        let mut wrong = Vec::new();
        for entry in &self.files {
            match digest(&folder.join(&entry.file)) {
                Ok((bytes, _)) if bytes != entry.bytes => {
                    let changed = format!("has {bytes} bytes, not {}", entry.bytes);
                    wrong.push(format!("{} {changed}", entry.file));
                }
                Ok((_, blake3)) if blake3 != entry.blake3 => {
                    wrong.push(format!("{} has changed", entry.file));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    wrong.push(format!("{} is missing", entry.file));
                }
                Err(error) => wrong.push(format!("{} cannot be read: {error}", entry.file)),
            }
            advance(entry.bytes);
        }
        let known: BTreeSet<PathBuf> =
            self.files.iter().map(|entry| folder.join(&entry.file)).collect();
        extra(folder, folder, &known, FOLDER_DEPTH_MAX, &mut wrong)?;
        Ok(wrong)
    }
}

/// Files that no export wrote. What an interrupted one left is not looked at.
fn extra(
    root: &Path,
    folder: &Path,
    known: &BTreeSet<PathBuf>,
    depth: usize,
    wrong: &mut Vec<String>,
) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let is_draft = path.extension().is_some_and(|ending| ending == "part");
        if is_draft || known.contains(&path) || path == root.join(MANIFEST) {
            continue;
        }
        if fs::symlink_metadata(&path)?.is_dir() && depth > 0 {
            extra(root, &path, known, depth - 1, wrong)?;
        } else {
            let below = path.strip_prefix(root).unwrap_or(&path);
            wrong.push(format!("{} is not of the export", below.display()));
        }
    }
    Ok(())
}

/// A file's bytes and digest.
fn digest(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hasher) = (File::open(path)?, Hasher::new());
    let (mut bytes, mut part) = (0, vec![0; PART_BYTES]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok((bytes, hasher.digest().to_string())),
            read => {
                hasher.update(&part[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Bytes that are read at once.
const PART_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_changed_or_too_much_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        fs::create_dir(dir.path().join("t")).unwrap();
        for name in ["a.tsv", "b.tsv", "t/c.tsv"] {
            write(name, "x\n1\n");
        }
        let entry = |name: &str| Entry::read(dir.path(), &dir.path().join(name), "t", 1).unwrap();
        let files = ["a.tsv", "b.tsv", "t/c.tsv"].map(entry).into();
        Manifest::new("j", "tsv", files).write(dir.path()).unwrap();
        let found = || Manifest::read(dir.path()).unwrap().differences(dir.path(), |_| {}).unwrap();
        write("b.tsv.part", "left over");
        assert!(found().is_empty());
        write("a.tsv", "x\n2\n");
        write("t/c.tsv", "x\n");
        write("t/d.tsv", "x\n");
        fs::remove_file(dir.path().join("b.tsv")).unwrap();
        assert_eq!(
            found(),
            [
                "a.tsv has changed",
                "b.tsv is missing",
                "t/c.tsv has 2 bytes, not 4",
                "t/d.tsv is not of the export"
            ]
        );
    }

    #[test]
    fn a_manifest_that_leads_elsewhere_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["../a", "/etc/passwd"] {
            let entry = Entry {
                file: file.into(),
                table: "t".into(),
                rows: 0,
                bytes: 0,
                blake3: String::new(),
            };
            Manifest::new("j", "tsv", vec![entry]).write(dir.path()).unwrap();
            assert!(Manifest::read(dir.path()).is_err(), "{file}");
        }
    }
}
