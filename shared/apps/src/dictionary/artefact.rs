//! A dictionary as bytes: the data of a job, the same on every host.
//!
//! Magic, version, ambiguous; concepts (count, then id and label each) by id; keys (count, then key
//! and senses each) by key. Numbers are u32, little-endian; a string is its length and its bytes.
//! Decoding takes only bytes that encoding the outcome gives again.

use gleaner_shared::limits::ARTEFACT_BYTES_MAX;

use super::strings::Strings;
use super::{Class, ConceptIndex, Dictionary, Sense, Senses};

const MAGIC: &[u8; 8] = b"GLNRDICT";
/// Of this form and of the rules D1: a change of either needs a new number.
const VERSION: u32 = 1;
/// Bytes of a number.
const NUMBER: usize = size_of::<u32>();
/// Bytes of a sense: its class (or that there is none), and its concept.
const SENSE: usize = 1 + NUMBER;
/// The class byte of a mode in which a key names nothing.
const NO_SENSE: u8 = 0xff;

/// Why bytes are no dictionary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArtefactError {
    /// They begin otherwise, or with another version.
    #[error("not a dictionary of version {VERSION}: compile it again")]
    Foreign,
    /// More than a dictionary may have.
    #[error("{0} bytes are over the {ARTEFACT_BYTES_MAX} of a dictionary")]
    TooLarge(usize),
    /// Not what encoding writes.
    #[error("the dictionary is damaged near byte {0}: compile it again")]
    Form(usize),
}

impl Dictionary {
    /// Its bytes; two dictionaries are equal if and only if their bytes are.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_len());
        bytes.extend_from_slice(MAGIC);
        put_number(&mut bytes, VERSION);
        put_number(&mut bytes, self.ambiguous);
        put_len(&mut bytes, self.ids.len());
        for (id, label) in self.ids.iter().zip(self.labels.iter()) {
            put_string(&mut bytes, id);
            put_string(&mut bytes, label);
        }
        put_len(&mut bytes, self.keys.len());
        for (key, senses) in self.keys.iter().zip(&self.senses) {
            put_string(&mut bytes, key);
            put_sense(&mut bytes, senses.exact);
            put_sense(&mut bytes, senses.fold);
        }
        bytes
    }

    /// How many bytes [`Self::encode`] gives.
    pub(crate) fn encoded_len(&self) -> usize {
        let strings = |strings: &Strings| {
            strings.len() * NUMBER + strings.iter().map(str::len).sum::<usize>()
        };
        let head = MAGIC.len() + 4 * NUMBER;
        let texts = strings(&self.ids) + strings(&self.labels) + strings(&self.keys);
        head + texts + self.senses.len() * 2 * SENSE
    }

    /// A dictionary from its bytes.
    ///
    /// # Errors
    /// Any bytes that [`Self::encode`] of the outcome does not give.
    pub fn decode(bytes: &[u8]) -> Result<Self, ArtefactError> {
        if bytes.len() > ARTEFACT_BYTES_MAX {
            return Err(ArtefactError::TooLarge(bytes.len()));
        }
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(MAGIC.len()).ok() != Some(MAGIC) || reader.number().ok() != Some(VERSION) {
            return Err(ArtefactError::Foreign);
        }
        let ambiguous = reader.number()?;
        let (mut ids, mut labels) = (Strings::default(), Strings::default());
        for _ in 0..reader.number()? {
            reader.string_after(&mut ids)?;
            labels.push(reader.string()?);
        }
        let (mut keys, mut senses) = (Strings::default(), Vec::new());
        for _ in 0..reader.number()? {
            reader.string_after(&mut keys)?;
            senses.push(reader.senses(ids.len())?);
        }
        if reader.at != bytes.len() {
            return Err(reader.wrong());
        }
        Ok(Self { ids, labels, keys, senses, ambiguous })
    }
}

fn put_number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_len(bytes: &mut Vec<u8>, len: usize) {
    put_number(bytes, u32::try_from(len).expect("an artefact is under 4 GiB"));
}

fn put_string(bytes: &mut Vec<u8>, string: &str) {
    put_len(bytes, string.len());
    bytes.extend_from_slice(string.as_bytes());
}

fn put_sense(bytes: &mut Vec<u8>, sense: Option<Sense>) {
    bytes.push(sense.map_or(NO_SENSE, |sense| sense.class as u8));
    put_number(bytes, sense.map_or(0, |sense| sense.concept.0));
}

/// What is left of the bytes. Memory is taken as strings are read, never by a count alone.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self) -> ArtefactError {
        ArtefactError::Form(self.at)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], ArtefactError> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..len).ok_or(self.wrong())?;
        self.at += len;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, ArtefactError> {
        let bytes = self.take(NUMBER)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("as many bytes were taken")))
    }

    fn string(&mut self) -> Result<&'a str, ArtefactError> {
        let len = self.number()? as usize;
        let bytes = self.take(len)?;
        core::str::from_utf8(bytes).map_err(|_| self.wrong())
    }

    /// A string that is not empty and comes after those that there are.
    fn string_after(&mut self, strings: &mut Strings) -> Result<(), ArtefactError> {
        let string = self.string()?;
        if string <= strings.last().unwrap_or_default() {
            return Err(self.wrong());
        }
        strings.push(string);
        Ok(())
    }

    fn senses(&mut self, concepts: usize) -> Result<Senses, ArtefactError> {
        let senses = Senses { exact: self.sense(concepts)?, fold: self.sense(concepts)? };
        let plural = senses.exact.is_some_and(|sense| sense.class == Class::Plural);
        if plural || senses == Senses::default() { Err(self.wrong()) } else { Ok(senses) }
    }

    fn sense(&mut self, concepts: usize) -> Result<Option<Sense>, ArtefactError> {
        let class = match self.take(1)? {
            [0] => Some(Class::Label),
            [1] => Some(Class::Synonym),
            [2] => Some(Class::Plural),
            [NO_SENSE] => None,
            _ => return Err(self.wrong()),
        };
        let concept = self.number()?;
        match class {
            None if concept == 0 => Ok(None),
            Some(class) if (concept as usize) < concepts => {
                Ok(Some(Sense { class, concept: ConceptIndex(concept) }))
            }
            _ => Err(self.wrong()),
        }
    }
}
