//! Generated papers: CORD-19 parses of reshuffled sentences, with their metadata.csv, from a seed.
//!
//! Lengths are like those of real papers: a median of some 12 KB, few very long ones, 24 KB on the
//! average. Written one by one, so that any number of them takes no memory.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::chance::Chance;
use crate::checkout::{root, sample};

/// Bytes of the shortest paper.
const LEAST_BYTES: f64 = 8_000.0;
/// Bytes of the longest one.
const MOST_BYTES: f64 = 1_000_000.0;
/// The exponent of the lengths' distribution (Pareto): the mean is three times the least.
const SHAPE: f64 = 1.5;
/// Sentences of a paragraph.
const PARAGRAPH: u64 = 8;
/// Sentences that papers are made of.
const SENTENCES_MAX: usize = 4_000;

/// A source of papers.
#[derive(Debug)]
pub struct Papers {
    chance: Chance,
    /// Escaped for JSON.
    sentences: Vec<String>,
    made: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// Papers.
    pub papers: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Papers {
    /// From a seed; of the reference data's sentences if it is here, else of the sample's.
    ///
    /// # Errors
    /// If neither can be read.
    pub fn new(seed: u64) -> Result<Self> {
        let reference = root().join("../shared/data/docs/cord19");
        let source = if reference.is_dir() { reference } else { sample() };
        let mut files = Vec::new();
        json_files(&source, &mut files)?;
        files.sort();
        let mut sentences = Vec::new();
        for file in files {
            let parse: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
            for paragraph in
                ["abstract", "body_text"].iter().filter_map(|part| parse[part].as_array())
            {
                let texts = paragraph.iter().filter_map(|paragraph| paragraph["text"].as_str());
                for sentence in texts.flat_map(|text| text.split_inclusive(". ")) {
                    let sentence = sentence.trim();
                    if (30..400).contains(&sentence.len()) && sentence.ends_with('.') {
                        let quoted = serde_json::to_string(sentence)?;
                        sentences.push(quoted[1..quoted.len() - 1].to_owned());
                    }
                }
            }
        }
        sentences.truncate(SENTENCES_MAX);
        ensure!(sentences.len() > 100, "too few sentences in {}", source.display());
        Ok(Self { chance: Chance::new(seed), sentences, made: 0 })
    }

    /// Writes papers into a folder until they have so many bytes, and a metadata row for each.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&mut self, folder: &Path, metadata: &mut Metadata, bytes: u64) -> Result<Written> {
        fs::create_dir_all(folder)?;
        let mut written = Written::default();
        let mut text = String::new();
        while written.bytes < bytes {
            self.made += 1;
            let id = format!("PMC{:07}", self.made);
            text.clear();
            self.paper(&id, &mut text)?;
            fs::write(folder.join(format!("{id}.xml.json")), &text)?;
            metadata.row(&id, self.chance.between(1_990, 2_022))?;
            written.papers += 1;
            written.bytes += text.len() as u64;
        }
        Ok(written)
    }

    fn paper(&mut self, id: &str, text: &mut String) -> Result<()> {
        let share = (self.chance.between(1, 1 << 20) as f64) / f64::from(1 << 20);
        let target = (LEAST_BYTES * share.powf(-1.0 / SHAPE)).min(MOST_BYTES) as usize;
        write!(text, "{{\"paper_id\":\"{id}\",\"metadata\":{{\"title\":\"")?;
        self.sentence(text);
        text.push_str("\"},\"abstract\":[");
        self.paragraph(text);
        text.push_str("],\"body_text\":[");
        self.paragraph(text);
        while text.len() < target {
            text.push(',');
            self.paragraph(text);
        }
        text.push_str("]}");
        Ok(())
    }

    fn paragraph(&mut self, text: &mut String) {
        text.push_str("{\"text\":\"");
        for at in 0..self.chance.between(1, PARAGRAPH) {
            if at > 0 {
                text.push(' ');
            }
            self.sentence(text);
        }
        text.push_str("\"}");
    }

    fn sentence(&mut self, text: &mut String) {
        let last = self.sentences.len() as u64 - 1;
        let at = usize::try_from(self.chance.between(0, last)).unwrap_or(0);
        text.push_str(&self.sentences[at]);
    }
}

/// The metadata.csv of generated papers.
#[derive(Debug)]
pub struct Metadata(BufWriter<File>);

impl Metadata {
    /// A new file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(path: &Path) -> Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "cord_uid,sha,title,publish_time,pdf_json_files,pmc_json_files")?;
        Ok(Self(file))
    }

    fn row(&mut self, id: &str, year: u64) -> Result<()> {
        let path = format!("document_parses/pmc_json/{id}.xml.json");
        Ok(writeln!(self.0, "{id},,made,{year}-03-01,,{path}")?)
    }

    /// Ends it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end(mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }
}

fn json_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            json_files(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    Ok(())
}
