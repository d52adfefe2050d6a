//! Files into batches: read, made a document, encoded; or set aside with the reason.
//!
//! A batch fits the messages that carry it and, but for one large document, the memory for it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use gleaner_readers::{Fault, Format, Years, doc_id, read_document};
use gleaner_shared::digest::digest;
use gleaner_shared::document::Kind;
use gleaner_shared::limits::{
    DOCUMENT_BYTES_MAX, FRAME_BYTES_MAX, INTAKE_BYTES_TARGET, INTAKE_DOCS_MAX, MESSAGE_BYTES_MAX,
};
use gleaner_shared::payload::document_encode;
use gleaner_shared::wire::admin::corpus::{Aside, Offer};

use super::class::{Class, class};
use super::seen::{Met, Seen};
use super::walk::{Found, Origin, Walk, What};

/// What is offered to the server at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Documents, each with its encoded bytes.
    pub(crate) documents: Vec<(Offer, Vec<u8>)>,
    /// What could not be taken.
    pub(crate) asides: Vec<Aside>,
    /// Bytes of the files that were read or set aside for it.
    pub(crate) file_bytes: u64,
    /// Bytes of all encoded documents.
    document_bytes: usize,
    /// Bytes of the messages that carry offers and asides, at most.
    offer_bytes: usize,
    aside_bytes: usize,
}

/// Room for what a message has beside texts: tags and lengths.
const ITEM_OVERHEAD_BYTES: usize = 64;
/// One item has at most an id or position, a source and a reason: half a frame is room for one more.
const MESSAGE_BYTES_TARGET: usize = FRAME_BYTES_MAX / 2;

impl Batch {
    fn is_full(&self) -> bool {
        self.documents.len() >= INTAKE_DOCS_MAX
            || self.asides.len() >= INTAKE_DOCS_MAX
            || self.document_bytes >= INTAKE_BYTES_TARGET
            || self.offer_bytes >= MESSAGE_BYTES_TARGET
            || self.aside_bytes >= MESSAGE_BYTES_TARGET
    }

    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.asides.is_empty()
    }

    fn offer(&mut self, offer: Offer, bytes: Vec<u8>) {
        self.document_bytes += bytes.len();
        self.offer_bytes += offer.id.len() + offer.source.len() + ITEM_OVERHEAD_BYTES;
        self.documents.push((offer, bytes));
    }

    fn set_aside(&mut self, aside: Aside) {
        let texts = aside.source.len() + aside.position.len() + aside.reason.len();
        self.aside_bytes += texts + ITEM_OVERHEAD_BYTES;
        self.asides.push(aside);
    }
}

/// Makes batches of files.
#[derive(Debug)]
pub(crate) struct Gather {
    walk: Walk,
    format: Format,
    years: Years,
    seen: Seen,
}

impl Gather {
    /// Of the files below some paths.
    pub(crate) fn new(walk: Walk, format: Format, years: Years) -> Self {
        Self { walk, format, years, seen: Seen::default() }
    }

    fn take(&mut self, found: &Found, batch: &mut Batch) {
        let name = found.path.file_name().unwrap_or_default();
        let class = class(self.format, &name.to_string_lossy());
        let taken = match (class, &found.what, found.origin) {
            (_, What::ClosedFolder { why }, _) => {
                Err(reason(&format!("the folder cannot be read: {why}")))
            }
            (Class::Metadata, _, _) | (Class::Other, _, Origin::Walked) => return,
            (_, What::Special, Origin::Walked) => return,
            (Class::Other, _, Origin::Named) => Err(reason(
                "not a document of this format: its name should end in .json, .xml, .nxml or .txt",
            )),
            (_, What::Special, Origin::Named) => Err(reason("not a file")),
            (_, What::Closed { why }, _) => Err(reason(&format!("cannot be read: {why}"))),
            (Class::Document(kind), What::File { bytes }, _) => {
                batch.file_bytes += bytes;
                match name.to_str() {
                    None => Err(reason("the file's name is not UTF-8: rename it")),
                    Some(name) => self.document(kind, name, &found.path),
                }
            }
        };
        let source = cut(found.path.to_string_lossy().into_owned());
        match taken {
            Ok(None) => {}
            Ok(Some((id, bytes))) => {
                batch.offer(Offer { id, digest: digest(&bytes), source }, bytes);
            }
            Err(aside) => batch.set_aside(Aside { source, ..aside }),
        }
    }

    /// A document's id and bytes; `None` if the file was taken before.
    fn document(
        &mut self,
        kind: Kind,
        name: &str,
        path: &Path,
    ) -> Result<Option<(String, Vec<u8>)>, Aside> {
        let id = doc_id(name).map_err(|error| reason(&error.to_string()))?;
        match self.seen.find(&id, path) {
            Met::New => {}
            Met::Same => return Ok(None),
            Met::Other(other) => {
                let other = other.display();
                return Err(reason(&format!("document id {id} is that of {other} already")));
            }
        }
        let bytes = read(path).map_err(|why| reason(&why))?;
        let document = read_document(kind, id.clone(), &bytes, &self.years).map_err(|broken| {
            let position = broken.position.map(|position| position.to_string());
            Aside { position: position.unwrap_or_default(), ..reason(&broken.fault.to_string()) }
        })?;
        drop(bytes);
        let encoded = document_encode(&document).map_err(|error| reason(&error.to_string()))?;
        self.seen.keep(&id, path);
        Ok(Some((id, encoded)))
    }
}

impl Iterator for Gather {
    type Item = Batch;

    /// The next batch; each but the last is full.
    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        while !batch.is_full() {
            let Some(found) = self.walk.next() else { break };
            self.take(&found, &mut batch);
        }
        (!batch.is_empty()).then_some(batch)
    }
}

/// A whole file, unless it is too large: then nothing of it is read.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Result<Vec<u8>, u64>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > DOCUMENT_BYTES_MAX as u64 {
            return Ok(Err(size));
        }
        let mut bytes = Vec::new();
        // One more than allowed, in case the file grows.
        file.take(DOCUMENT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Ok(bytes))
    };
    match read() {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(size)) => {
            let bytes = usize::try_from(size).unwrap_or(usize::MAX);
            Err(Fault::TooLarge { bytes }.to_string())
        }
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// An aside whose file is named later.
fn reason(why: &str) -> Aside {
    Aside { source: String::new(), position: String::new(), reason: cut(why.to_owned()) }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MESSAGE_BYTES_MAX));
    text
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;
