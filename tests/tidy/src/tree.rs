//! The files of a checkout, in memory: read from a folder, or made up by a test.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Folders at the top that are made by building and running, and the history.
const SKIPPED: [&str; 3] = [".git", "target", "gleaner"];
/// Files whose text rules look at; of others only the name counts.
const READ: [&str; 4] = ["rs", "toml", "md", "lock"];

/// Each file's path from the root, with `/`, and its text.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads a checkout.
    ///
    /// # Errors
    /// If a folder or a file of it cannot be read, or a file of text is not UTF-8.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if folder.is_empty() && SKIPPED.contains(&name.as_str()) {
                    continue;
                }
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                    continue;
                }
                let is_read = READ.iter().any(|kind| path.ends_with(&format!(".{kind}")));
                let text = if is_read { fs::read_to_string(entry.path())? } else { String::new() };
                tree.files.insert(path, text);
            }
        }
        Ok(tree)
    }

    /// A tree of these files.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
        Self { files: files.into_iter().map(owned).collect() }
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether there is a file or a folder of this path.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&inside))
    }

    /// The names of what lies at the top.
    pub(crate) fn top(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.files.keys().filter_map(|path| path.split('/').next()).collect();
        names.dedup();
        names
    }

    /// All files with that ending, as (path, text).
    pub(crate) fn ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        let ending = ending.to_owned();
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(&ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All Rust files, as (path, text).
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(".rs")
    }
}
