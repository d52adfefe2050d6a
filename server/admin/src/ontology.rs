//! Ontology files to the dictionary that a job takes: read and compiled, or taken as it is.
//!
//! A compiled dictionary is known by its first bytes, whatever its file is called.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use gleaner_apps::dictionary::{ArtefactError, Concept, Counts, Dictionary};
use gleaner_readers::{ontology_format, read_ontology};
use gleaner_shared::limits::ARTEFACT_BYTES_MAX;

use crate::fault::{Exit, Fault, Told};
use crate::progress::{Mark, Progress};

/// A dictionary as hosts read it, and how much is in it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) bytes: Vec<u8>,
    pub(crate) counts: Counts,
}

/// The dictionary that the only file is, or the one that all files make.
pub(crate) fn artefact(files: &[PathBuf], progress: &mut Progress) -> Result<Compiled, Fault> {
    match files {
        [file] if is_compiled(file)? => taken(file),
        files => compile(files, progress),
    }
}

/// Makes one dictionary of all files.
pub(crate) fn compile(files: &[PathBuf], progress: &mut Progress) -> Result<Compiled, Fault> {
    let mut concepts = Concepts::default();
    for path in files {
        read(path, &mut concepts, progress)?;
    }
    if concepts.bytes > TEXT_BYTES_MAX {
        return Err(unusable(&format!("they have more than {TEXT_BYTES_MAX} bytes of names")));
    }
    let dictionary =
        Dictionary::compile(concepts.concepts).map_err(|error| unusable(&error.to_string()))?;
    Ok(Compiled { bytes: dictionary.encode(), counts: dictionary.counts() })
}

/// Bytes of all names of all concepts. Much of it falls away: a dictionary has no synonym of more
/// than one concept.
const TEXT_BYTES_MAX: usize = 4 * ARTEFACT_BYTES_MAX;

/// What was read so far.
#[derive(Default)]
struct Concepts {
    concepts: Vec<Concept>,
    /// Bytes of their names; beyond [`TEXT_BYTES_MAX`] concepts are not kept.
    bytes: usize,
}

impl Concepts {
    fn push(&mut self, concept: gleaner_readers::Concept) {
        let gleaner_readers::Concept { id, label, synonyms } = concept;
        self.bytes += id.len() + label.len() + synonyms.iter().map(String::len).sum::<usize>();
        if self.bytes <= TEXT_BYTES_MAX {
            self.concepts.push(Concept { id, label, synonyms });
        }
    }
}

fn read(path: &Path, concepts: &mut Concepts, progress: &mut Progress) -> Result<(), Fault> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let format = ontology_format(&name).ok_or_else(|| {
        let why = "its name ends in none of .obo, .owl, .rdf, .json and .tsv";
        broken(path, why.into())
    })?;
    let source = BufReader::new(open(path)?);
    let mut count = 0;
    let read = read_ontology(format, source, &mut |concept| {
        concepts.push(concept);
        count += 1;
        if count % TOLD_EVERY == 0 {
            progress.set(Mark { done: count, total: 0 });
        }
    });
    read.map_err(|error| broken(path, error.to_string()))
}

/// Concepts between two words about them.
const TOLD_EVERY: u64 = 1_024;

/// Bytes that tell a dictionary from anything else, and some more.
const HEAD_BYTES: u64 = 64;

fn is_compiled(path: &Path) -> Result<bool, Fault> {
    let mut head = Vec::new();
    let read = open(path)?.take(HEAD_BYTES).read_to_end(&mut head);
    read.map_err(|error| file_fault(path, &error))?;
    Ok(!matches!(Dictionary::decode(&head), Err(ArtefactError::Foreign)))
}

fn taken(path: &Path) -> Result<Compiled, Fault> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(ARTEFACT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| file_fault(path, &error))?;
    let dictionary = Dictionary::decode(&bytes).map_err(|error| {
        Fault::from(Told {
            exit: Exit::Checksum,
            what: format!("dictionary {} cannot be used", path.display()),
            why: error.to_string(),
            next: "gleaner-admin ontology compile FILE... --out FILE".into(),
        })
    })?;
    Ok(Compiled { counts: dictionary.counts(), bytes })
}

fn open(path: &Path) -> Result<File, Fault> {
    File::open(path).map_err(|error| file_fault(path, &error))
}

fn file_fault(path: &Path, error: &io::Error) -> Fault {
    let exit = match error.kind() {
        ErrorKind::NotFound => Exit::NotFound,
        _ => Exit::Failed,
    };
    let what = format!("ontology {} cannot be read", path.display());
    Told { exit, what, why: error.to_string(), next: "check the path".into() }.into()
}

fn broken(path: &Path, why: String) -> Fault {
    let what = format!("ontology {} cannot be read", path.display());
    let next = "give .obo, .owl, .rdf, .json (OBO graph) or .tsv (term, id, label)".into();
    Told { exit: Exit::Failed, what, why, next }.into()
}

fn unusable(why: &str) -> Fault {
    Told {
        exit: Exit::Failed,
        what: "no dictionary can be made of these ontologies".into(),
        why: why.to_owned(),
        next: "mend or leave out what is named above".into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Choice, Measure};

    fn progress() -> Progress {
        Progress::new(Choice::None, "test", Measure::Things("concepts"))
    }

    #[test]
    fn a_compiled_dictionary_is_taken_as_it_is_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let terms = dir.path().join("terms.tsv");
        std::fs::write(&terms, "fever\tC1\tFever\ncough\tC2\tCough\n").unwrap();
        let compiled = compile(std::slice::from_ref(&terms), &mut progress()).unwrap();
        assert_eq!(compiled.counts.concepts, 2);
        for name in ["terms.gleaner", "other.tsv"] {
            let path = dir.path().join(name);
            std::fs::write(&path, &compiled.bytes).unwrap();
            assert_eq!(artefact(&[path], &mut progress()).unwrap().bytes, compiled.bytes);
        }
        let read = artefact(&[terms], &mut progress()).unwrap();
        assert_eq!(read.bytes, compiled.bytes, "compiling is repeatable");
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_code() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("x.pdf"), "%PDF").unwrap();
        std::fs::write(path("x.tsv"), "").unwrap();
        std::fs::write(path("cut.gleaner"), "GLNRDICT\u{1}\0\0\0\0").unwrap();
        for (name, exit) in [
            ("nowhere.obo", Exit::NotFound),
            ("x.pdf", Exit::Failed),
            ("x.tsv", Exit::Failed),
            ("cut.gleaner", Exit::Checksum),
        ] {
            let fault = artefact(&[path(name)], &mut progress()).unwrap_err();
            assert_eq!(fault.exit(), exit, "{name}");
        }
    }
}
