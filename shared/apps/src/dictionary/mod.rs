//! D1, the dictionary: which keys name which concepts. Compiled from ontologies once, then carried
//! as an artefact. One set of concepts gives one artefact, in whatever order they came.

mod artefact;
mod compile;
mod stop;
mod strings;
mod term;

use core::fmt;

pub use artefact::ArtefactError;
pub use compile::{CompileError, Concept};

pub(crate) use strings::Strings;

/// A concept's place among the dictionary's concepts, which are in byte order of their ids: so
/// places compare as ids do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConceptIndex(pub(crate) u32);

/// How a key is compared with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The text must not have small letters there (`AIDS`).
    Exact,
    /// Capitals and small letters A-Z are the same.
    Fold,
}

impl Mode {
    /// The word for it in dictionary.tsv.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fold => "fold",
        }
    }
}

/// Where a key comes from; the least one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// A concept's label.
    Label = 0,
    /// An exact synonym.
    Synonym = 1,
    /// A plural that was made of either.
    Plural = 2,
}

impl fmt::Display for Class {
    /// Its number, as in dictionary.tsv.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", *self as u8)
    }
}

/// The concept that a key names in one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sense {
    pub(crate) class: Class,
    pub(crate) concept: ConceptIndex,
}

/// The concepts that a key names; at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Senses {
    pub(crate) exact: Option<Sense>,
    pub(crate) fold: Option<Sense>,
}

/// One row of dictionary.tsv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The canonical term with A-Z made a-z.
    pub key: &'a str,
    /// How it is compared.
    pub mode: Mode,
    /// Where it comes from.
    pub class: Class,
    /// The id of the concept that it names.
    pub concept: &'a str,
}

/// How much a dictionary holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Keys, exact and folded ones apart: the rows of dictionary.tsv.
    pub keys: usize,
    /// Concepts, also those that no key names.
    pub concepts: usize,
    /// Concepts that lost a key to another concept, counted once for each such key.
    pub ambiguous: usize,
}

/// Keys, the concepts that they name, and the concepts' labels.
#[derive(Clone, PartialEq, Eq)]
pub struct Dictionary {
    ids: Strings,
    labels: Strings,
    keys: Strings,
    senses: Vec<Senses>,
    ambiguous: u32,
}

impl Dictionary {
    /// How much it holds.
    pub fn counts(&self) -> Counts {
        let modes = |senses: &Senses| {
            usize::from(senses.exact.is_some()) + usize::from(senses.fold.is_some())
        };
        Counts {
            keys: self.senses.iter().map(modes).sum(),
            concepts: self.ids.len(),
            ambiguous: self.ambiguous as usize,
        }
    }

    /// The rows of dictionary.tsv, by key in byte order, then exact before folded.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.keys.iter().zip(&self.senses).flat_map(|(key, senses)| {
            let entry = |mode, sense: Sense| Entry {
                key,
                mode,
                class: sense.class,
                concept: self.concept_id(sense.concept),
            };
            let exact = senses.exact.map(|sense| entry(Mode::Exact, sense));
            exact.into_iter().chain(senses.fold.map(|sense| entry(Mode::Fold, sense)))
        })
    }

    /// The id of a concept of this dictionary.
    ///
    /// # Panics
    /// The concept is of another dictionary.
    pub fn concept_id(&self, concept: ConceptIndex) -> &str {
        self.ids.at(concept.0 as usize)
    }

    /// The canonical label of a concept, by its id.
    pub fn label(&self, concept: &str) -> Option<&str> {
        self.ids.find(concept).map(|index| self.labels.at(index))
    }

    pub(crate) fn keys(&self) -> &Strings {
        &self.keys
    }

    pub(crate) fn senses(&self, key: usize) -> Senses {
        self.senses[key]
    }
}

impl fmt::Debug for Dictionary {
    /// Its counts: the keys would fill the screen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dictionary").field(&self.counts()).finish()
    }
}

#[cfg(test)]
mod tests;
