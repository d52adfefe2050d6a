//! Corpora: intake step by step, lists, checks.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::digest::Hasher;
use crate::id::Digest;

/// The beginning of an intake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddWish {
    /// The corpus, made if there is none.
    pub name: String,
    /// Raw bytes at which a slice is cut, in [`crate::limits::SLICE_BYTES_RANGE`].
    pub slice_bytes: u32,
}

/// One step of an intake. At most [`crate::limits::INTAKE_DOCS_MAX`] documents each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Documents that there are; the server says which it wants.
    Offer(Vec<Offer>),
    /// Documents that it wanted, in that order: their lengths; the bytes follow raw, as
    /// [`crate::payload::document_encode`] wrote them.
    Documents(Vec<u32>),
    /// Files or documents that the reader could not take.
    Aside(Vec<Aside>),
    /// All was offered. The reply comes when all of it is on disk.
    End,
    /// Documents that may have been offered together before, by one digest ([`stretch_digest`]). The
    /// reply is [`IntakeReply::Known`].
    Stretch(Digest),
    /// Documents that may be there: the server says which it would want. Offers of those may follow.
    Ask(Vec<Name>),
}

/// A document by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Its id.
    pub id: String,
    /// BLAKE3 of its encoded bytes.
    pub digest: Digest,
}

/// The digest of a stretch: documents that follow each other in an intake, offered in one step.
/// Over each id behind its length, and the document's digest.
pub fn stretch_digest<'a>(documents: impl Iterator<Item = (&'a str, Digest)>) -> Digest {
    let mut hasher = Hasher::new();
    for (id, digest) in documents {
        hasher.update(&(id.len() as u64).to_le_bytes());
        hasher.update(id.as_bytes());
        hasher.update(&digest.0);
    }
    hasher.digest()
}

/// A document by name, content and source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// BLAKE3 of its encoded bytes.
    pub digest: Digest,
    /// The file it came from, for people.
    pub source: String,
}

/// The server's side of an intake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntakeReply {
    /// Go on with the next step.
    Ready,
    /// For each offered document, what to do.
    Wanted(Vec<Want>),
    /// All is on disk.
    Added(Added),
    /// Whether all documents of the stretch are there.
    Known(bool),
}

/// What the server wants of an offered document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    /// Send it.
    Send,
    /// It is there already.
    Known,
    /// Another document with this id is there; this one is set aside by the server.
    Duplicate,
}

/// What an intake did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The corpus as it is now.
    pub corpus: CorpusRow,
    /// Documents that came new.
    pub new_documents: u64,
    /// Documents that were there.
    pub known_documents: u64,
    /// Documents set aside by this intake.
    pub set_aside: u64,
}

/// A corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusRow {
    /// Its name.
    pub name: String,
    /// Its digest over ids and documents, hexadecimal; empty while an intake is not complete.
    pub digest: String,
    /// Whether the last intake came to its end.
    pub complete: bool,
    /// Documents in it.
    pub documents: u64,
    /// Slices of it.
    pub slices: u32,
    /// Bytes of its documents.
    pub raw_bytes: u64,
    /// Bytes of its payloads.
    pub packed_bytes: u64,
    /// Files and documents set aside.
    pub set_aside: u64,
    /// Jobs that use it.
    pub jobs: u32,
}

/// Something that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The file.
    pub source: String,
    /// Where in it (`line 3, column 14`, `byte 812`), or empty.
    pub position: String,
    /// Why.
    pub reason: String,
}

/// What `corpus verify` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Payloads read and right.
    pub payloads: u64,
    /// Documents read and right.
    pub documents: u64,
    /// What is wrong, at most 100 lines.
    pub wrong: Vec<String>,
}
