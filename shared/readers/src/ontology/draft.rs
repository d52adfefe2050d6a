//! A concept while it is being read, and the short form of its id.

use super::Concept;
use super::broken::{OntologyFault, bounded};
use crate::blank::is_blank;

/// The IRIs of OBO concepts.
const OBO: &str = "http://purl.obolibrary.org/obo/";

/// Whether a concept is still in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Use {
    #[default]
    Current,
    Obsolete,
}

/// What has been read of a concept.
#[derive(Debug, Default)]
pub(super) struct Draft {
    id: Option<String>,
    label: Option<String>,
    synonyms: Vec<String>,
    state: Use,
}

impl Draft {
    /// The first id stays.
    pub(super) fn id(&mut self, id: &str) -> Result<(), OntologyFault> {
        if self.id.is_none() {
            self.id = Some(short(&bounded("an id", id)?));
        }
        Ok(())
    }

    /// The first label stays.
    pub(super) fn label(&mut self, label: &str) -> Result<(), OntologyFault> {
        if self.label.is_none() {
            self.label = Some(bounded("a label", label)?);
        }
        Ok(())
    }

    /// An exact synonym; a blank one is none.
    pub(super) fn synonym(&mut self, synonym: &str) -> Result<(), OntologyFault> {
        if !is_blank(synonym) {
            self.synonyms.push(bounded("a synonym", synonym)?);
        }
        Ok(())
    }

    pub(super) fn obsolete(&mut self) {
        self.state = Use::Obsolete;
    }

    pub(super) fn has_id(&self) -> bool {
        self.id.as_ref().is_some_and(|id| !id.is_empty())
    }

    /// The concept, unless it is obsolete or without an id or a label: imports mention many classes
    /// by their ids alone.
    pub(super) fn finish(self) -> Option<Concept> {
        let id = self.id.filter(|id| !id.is_empty())?;
        let label = self.label.filter(|label| !is_blank(label))?;
        let concept = Concept { id, label, synonyms: self.synonyms };
        (self.state == Use::Current).then_some(concept)
    }
}

/// `http://purl.obolibrary.org/obo/ABC_123` as `ABC:123`; others stay.
fn short(iri: &str) -> String {
    let parts = iri.strip_prefix(OBO).and_then(|name| name.split_once('_'));
    match parts {
        Some((space, number)) if is_plain(space) && is_plain(number) => format!("{space}:{number}"),
        _ => iri.to_owned(),
    }
}

/// Whether it can be a part of an OBO id: not empty, and no further step of the IRI.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.contains(['/', '#', '?', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iris_of_obo_concepts_become_short() {
        let cases = [
            ("http://purl.obolibrary.org/obo/SYMP_0000001", "SYMP:0000001"),
            ("http://purl.obolibrary.org/obo/NCBITaxon_10066", "NCBITaxon:10066"),
            ("SYMP:0000001", "SYMP:0000001"),
            ("http://purl.obolibrary.org/obo/symp", "http://purl.obolibrary.org/obo/symp"),
            ("http://purl.obolibrary.org/obo/X_", "http://purl.obolibrary.org/obo/X_"),
            ("http://purl.obolibrary.org/obo/a#X_1", "http://purl.obolibrary.org/obo/a#X_1"),
            ("http://example.org/X_1", "http://example.org/X_1"),
        ];
        for (iri, id) in cases {
            assert_eq!(short(iri), id);
        }
    }

    #[test]
    fn a_concept_needs_an_id_and_a_label() {
        let draft = |id: &str, label: &str| {
            let mut draft = Draft::default();
            draft.id(id).unwrap();
            draft.label(label).unwrap();
            draft
        };
        assert!(draft("X:1", "a").finish().is_some());
        assert!(draft("", "a").finish().is_none());
        assert!(draft("X:1", " \u{a0}").finish().is_none());
        assert!(Draft::default().finish().is_none());
    }
}
