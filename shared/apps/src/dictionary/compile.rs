//! From concepts to a dictionary: of all that claim a key in one mode, one stays.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gleaner_shared::limits::{ARTEFACT_BYTES_MAX, TEXT_BYTES_MAX};

use super::strings::Strings;
use super::term::each_key;
use super::{Class, ConceptIndex, Dictionary, Mode, Sense, Senses};
use crate::text::canonical;

/// One concept of an ontology that is not obsolete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concept {
    /// Unique: 1 to [`TEXT_BYTES_MAX`] bytes without control characters.
    pub id: String,
    /// The preferred name as read; at most [`TEXT_BYTES_MAX`] bytes in canonical form.
    pub label: String,
    /// The exact synonyms as read.
    pub synonyms: Vec<String>,
}

/// Why concepts make no dictionary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// A concept without an id.
    #[error("the concept with label `{label}` has no id: give it one or leave it out")]
    NoId {
        /// Its label, cut.
        label: String,
    },
    /// An id that no table can hold.
    #[error(
        "concept id `{id}` is over {TEXT_BYTES_MAX} bytes or has a control character: \
         shorten it or leave the concept out"
    )]
    Id {
        /// The id, cut.
        id: String,
    },
    /// A label that no table can hold.
    #[error(
        "the label of `{id}` has {bytes} bytes, over {TEXT_BYTES_MAX}: shorten it or leave the \
         concept out"
    )]
    Label {
        /// The concept's id.
        id: String,
        /// The label's length in canonical form.
        bytes: usize,
    },
    /// More than an artefact may hold.
    #[error("the dictionary is over {ARTEFACT_BYTES_MAX} bytes: use fewer or smaller ontologies")]
    TooLarge,
}

/// Characters of an id or label that a message shows.
const SHOWN_CHARS: usize = 80;

impl Dictionary {
    /// Compiles concepts of one or many ontologies, in any order. A concept that comes more than
    /// once has the keys of all its forms, and of its labels the least in byte order.
    ///
    /// # Errors
    /// An id or label that the result tables cannot hold, or too much in all.
    pub fn compile(concepts: impl IntoIterator<Item = Concept>) -> Result<Self, CompileError> {
        let mut claims = Claims::default();
        for concept in concepts {
            claims.add(&concept)?;
        }
        let dictionary = claims.settle();
        if dictionary.encoded_len() > ARTEFACT_BYTES_MAX {
            Err(CompileError::TooLarge)
        } else {
            Ok(dictionary)
        }
    }
}

/// That a key names a concept. Claims sort so that the one that stays comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    key: Box<str>,
    mode: Mode,
    class: Class,
    concept: u32,
}

/// All claims, by concepts in the order in which they came.
#[derive(Default)]
struct Claims {
    claims: Vec<Claim>,
    labels: HashMap<String, (u32, String)>,
    bytes: usize,
}

impl Claims {
    fn add(&mut self, concept: &Concept) -> Result<(), CompileError> {
        let cut = |text: &str| text.chars().take(SHOWN_CHARS).collect::<String>();
        let id = &concept.id;
        if id.is_empty() {
            return Err(CompileError::NoId { label: cut(&concept.label) });
        }
        if id.len() > TEXT_BYTES_MAX || id.chars().any(char::is_control) {
            return Err(CompileError::Id { id: cut(id) });
        }
        let label = canonical(&concept.label);
        if label.len() > TEXT_BYTES_MAX {
            return Err(CompileError::Label { id: cut(id), bytes: label.len() });
        }
        let index = self.concept(id, &label)?;
        let synonyms = concept.synonyms.iter().map(String::as_str);
        each_key(&label, synonyms, &mut |key, mode, class| {
            self.bytes += key.len();
            self.claims.push(Claim { key: key.into(), mode, class, concept: index });
        });
        if self.bytes > ARTEFACT_BYTES_MAX { Err(CompileError::TooLarge) } else { Ok(()) }
    }

    /// The number of the concept with this id, a new one if it is new.
    fn concept(&mut self, id: &str, label: &str) -> Result<u32, CompileError> {
        let next = u32::try_from(self.labels.len()).map_err(|_| CompileError::TooLarge)?;
        match self.labels.entry(id.to_owned()) {
            Entry::Occupied(mut old) => {
                let (index, old_label) = old.get_mut();
                if label < old_label.as_str() {
                    label.clone_into(old_label);
                }
                Ok(*index)
            }
            Entry::Vacant(place) => {
                self.bytes += id.len() + label.len();
                place.insert((next, label.to_owned()));
                Ok(next)
            }
        }
    }

    fn settle(mut self) -> Dictionary {
        let mut concepts: Vec<(String, (u32, String))> = self.labels.drain().collect();
        concepts.sort_unstable();
        let (mut ids, mut labels) = (Strings::default(), Strings::default());
        let mut places = vec![0; concepts.len()];
        for (place, (id, (index, label))) in (0..).zip(&concepts) {
            places[*index as usize] = place;
            ids.push(id);
            labels.push(label);
        }
        for claim in &mut self.claims {
            claim.concept = places[claim.concept as usize];
        }
        self.claims.sort_unstable();
        let mut dictionary =
            Dictionary { ids, labels, keys: Strings::default(), senses: Vec::new(), ambiguous: 0 };
        for claims in self.claims.chunk_by(|a, b| (&a.key, a.mode) == (&b.key, b.mode)) {
            dictionary.give(claims);
        }
        dictionary
    }
}

impl Dictionary {
    /// Gives the key that all these claims are for to the first of them.
    fn give(&mut self, claims: &[Claim]) {
        let first = &claims[0];
        let mut others: Vec<u32> = claims.iter().map(|claim| claim.concept).collect();
        others.sort_unstable();
        others.dedup();
        self.ambiguous +=
            u32::try_from(others.len() - 1).expect("a claim has a byte of an artefact");
        if self.keys.last() != Some(&first.key) {
            self.keys.push(&first.key);
            self.senses.push(Senses::default());
        }
        let senses = self.senses.last_mut().expect("each key has its senses");
        let sense = Some(Sense { class: first.class, concept: ConceptIndex(first.concept) });
        match first.mode {
            Mode::Exact => senses.exact = sense,
            Mode::Fold => senses.fold = sense,
        }
    }
}
