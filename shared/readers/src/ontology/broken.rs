//! Why a file is no ontology, and where.

use std::io::Error;

use gleaner_shared::limits::{ONTOLOGY_ITEM_BYTES_MAX, ONTOLOGY_TEXT_BYTES_MAX, XML_DEPTH_MAX};

use crate::meter::is_too_long;
use crate::position::{Lead, Position};

/// An ontology that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{lead}{fault}", lead = Lead(self.position))]
pub struct BrokenOntology {
    /// What is wrong.
    pub fault: OntologyFault,
    /// Where it is wrong, if it is at one place.
    pub position: Option<Position>,
}

/// What can be wrong with an ontology's file.
#[derive(Debug, thiserror::Error)]
pub enum OntologyFault {
    /// The source gave out.
    #[error("cannot be read on: {0}")]
    Io(Error),
    /// All four formats must be UTF-8.
    #[error("not UTF-8: convert the file")]
    NotUtf8,
    /// One line or class is too long.
    #[error("a line or class of more than {ONTOLOGY_ITEM_BYTES_MAX} bytes")]
    TooLong,
    /// One id, label, synonym or set of entities is too long.
    #[error("{0} of more than {ONTOLOGY_TEXT_BYTES_MAX} bytes")]
    TextTooLong(&'static str),
    /// The format's grammar is broken.
    #[error("{0}")]
    Syntax(String),
    /// XML elements inside each other without end.
    #[error("more than {XML_DEPTH_MAX} elements inside each other")]
    TooDeep,
    /// Well-formed, but nothing to look for in it.
    #[error("no concept with an id and a label: is this the right format?")]
    NoConcept,
}

impl OntologyFault {
    /// This fault, not at one place.
    pub(super) fn anywhere(self) -> BrokenOntology {
        BrokenOntology { fault: self, position: None }
    }

    /// This fault, on a line.
    pub(super) fn on(self, line: u64) -> BrokenOntology {
        BrokenOntology { fault: self, position: Some(Position::line(line)) }
    }
}

impl From<Error> for OntologyFault {
    fn from(error: Error) -> Self {
        if is_too_long(&error) { Self::TooLong } else { Self::Io(error) }
    }
}

/// A text of a concept, unless it is too long; `what` names it.
pub(super) fn bounded(what: &'static str, text: &str) -> Result<String, OntologyFault> {
    if text.len() > ONTOLOGY_TEXT_BYTES_MAX {
        return Err(OntologyFault::TextTooLong(what));
    }
    Ok(text.to_owned())
}
