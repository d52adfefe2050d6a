//! The reference corpus and what an independent program made of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

const FILES: [&str; 8] = [
    "dictionary.tsv",
    "docs.tsv",
    "mentions.tsv",
    "doc_nodes.tsv",
    "doc_edges.tsv",
    "nodes.tsv",
    "edges.tsv",
    "edge_years.tsv",
];
const ONTOLOGIES: [&str; 6] = [
    "DO_infectious_disease_slim.obo",
    "DO_rare_slim.obo",
    "symp.obo",
    "uberon_import.owl",
    "ncbitaxon_import.owl",
    "chebi_import.owl",
];
const FOLDERS: [&str; 3] = ["cord19", "jats", "text"];
/// Documents of the reference corpus.
pub(crate) const DOCUMENTS: u64 = 49;

/// The reference data and results.
#[derive(Clone, Debug)]
pub struct Golden {
    data: PathBuf,
    golden: PathBuf,
}

impl Golden {
    /// None if one of the folders is not there.
    pub fn new(data: &Path, golden: &Path) -> Option<Self> {
        let data = data.canonicalize().ok()?;
        let golden = golden.canonicalize().ok()?;
        Some(Self { data, golden })
    }

    /// The folders of documents.
    pub fn documents(&self) -> Vec<String> {
        FOLDERS.iter().map(|name| text(&self.data.join("docs").join(name))).collect()
    }

    /// Each document's file, but not `metadata.csv`.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for folder in self.documents() {
            for entry in fs::read_dir(folder)? {
                let path = text(&entry?.path());
                if !path.ends_with(".csv") {
                    files.push(path);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// The file with the years.
    pub fn metadata(&self) -> String {
        text(&self.data.join("docs/cord19/metadata.csv"))
    }

    /// The files of the ontologies, which make one dictionary.
    pub fn ontologies(&self) -> Vec<String> {
        ONTOLOGIES.iter().map(|name| text(&self.data.join("onto").join(name))).collect()
    }

    /// The text of a golden file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.golden.join(name);
        fs::read_to_string(&path).with_context(|| text(&path))
    }

    /// Fails at the first byte in which an export differs.
    ///
    /// # Errors
    /// If a file is missing or differs; with the first line that does.
    pub fn compare(&self, export: &Path) -> Result<()> {
        for name in FILES {
            let expected = fs::read(self.golden.join(name)).with_context(|| name.to_owned())?;
            let got = fs::read(export.join(name)).with_context(|| format!("export of {name}"))?;
            if got != expected {
                bail!("{name} differs from the golden file: {}", difference(&expected, &got));
            }
        }
        Ok(())
    }
}

/// The first line in which two texts differ.
fn difference(expected: &[u8], got: &[u8]) -> String {
    let (expected, got) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(got));
    let (mut theirs, mut ours) = (expected.lines(), got.lines());
    let mut number = 1;
    loop {
        match (theirs.next(), ours.next()) {
            (None, None) => return "only in line ends".to_owned(),
            (their, our) if their == our => number += 1,
            (their, our) => return format!("line {number}: expected {their:?}, got {our:?}"),
        }
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
