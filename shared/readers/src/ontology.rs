//! Ontologies: from a file to concepts, one by one, in any of four formats.

mod broken;
mod draft;
mod entities;
mod graph;
mod lines;
mod obo;
mod owl;
mod tsv;

use std::io::BufRead;

use crate::bom;
pub use broken::{BrokenOntology, OntologyFault};

/// One concept that is not obsolete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Concept {
    /// `ABC:123` for an OBO concept, else the id or IRI as the file has it; never empty.
    pub id: String,
    /// The preferred name, as read; never empty.
    pub label: String,
    /// The exact synonyms, as read, in the order of the file; others are left out.
    pub synonyms: Vec<String>,
}

/// The forms in which ontologies are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OntologyFormat {
    /// OBO 1.2 or 1.4 (`*.obo`).
    Obo,
    /// OWL as RDF/XML (`*.owl`, `*.rdf`).
    Owl,
    /// OBO-graph JSON (`*.json`).
    OboGraph,
    /// `term TAB id [TAB label]` (`*.tsv`).
    Tsv,
}

/// The format of an ontology, by the end of its file's name.
pub fn ontology_format(file_name: &str) -> Option<OntologyFormat> {
    match file_name.rsplit_once('.')?.1 {
        "obo" => Some(OntologyFormat::Obo),
        "owl" | "rdf" => Some(OntologyFormat::Owl),
        "json" => Some(OntologyFormat::OboGraph),
        "tsv" => Some(OntologyFormat::Tsv),
        _ => None,
    }
}

/// Reads an ontology and hands out each concept that is not obsolete and has a label.
///
/// OBO, OWL and OBO-graph JSON are streamed, in the order of the file; a TSV is held whole, since
/// the lines of a concept may be anywhere. After an error, concepts before it have been handed out.
pub fn read_ontology(
    format: OntologyFormat,
    source: impl BufRead,
    each: &mut dyn FnMut(Concept),
) -> Result<(), BrokenOntology> {
    let source = bom::skipped(source).map_err(|error| OntologyFault::from(error).anywhere())?;
    let mut found = 0_u64;
    let mut each = |concept| {
        found += 1;
        each(concept);
    };
    match format {
        OntologyFormat::Obo => obo::read(source, &mut each),
        OntologyFormat::Owl => owl::read(source, &mut each),
        OntologyFormat::OboGraph => graph::read(source, &mut each),
        OntologyFormat::Tsv => tsv::read(source, &mut each),
    }?;
    if found == 0 {
        return Err(OntologyFault::NoConcept.anywhere());
    }
    Ok(())
}
