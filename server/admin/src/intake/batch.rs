//! What is offered to the server at once, and the tray on which it is gathered.
//!
//! A batch fits the messages that carry it and, but for one large document, the memory for it.

use std::fmt;
use std::ops::ControlFlow;

use gleaner_readers::Fed;
use gleaner_shared::digest::digest;
use gleaner_shared::limits::{
    FRAME_BYTES_MAX, INTAKE_BYTES_TARGET, INTAKE_DOCS_MAX, MESSAGE_BYTES_MAX,
};
use gleaner_shared::wire::admin::corpus::{Aside, Offer};

/// Goes on, or breaks off because nobody takes batches any more.
pub(crate) type Flow = ControlFlow<()>;

/// What is offered to the server at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Documents, each with its encoded bytes.
    pub(crate) documents: Vec<(Offer, Vec<u8>)>,
    /// What could not be taken.
    pub(crate) asides: Vec<Aside>,
    /// Bytes of files that were read for it, as they lie on the disk.
    pub(crate) file_bytes: u64,
    /// Files and members that are no documents by their names.
    pub(crate) skipped: u64,
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
/// Bytes of files without a document after which a batch goes out for the progress alone.
const PROGRESS_BYTES: u64 = 16 * 1024 * 1024;

impl Batch {
    fn is_full(&self) -> bool {
        self.documents.len() >= INTAKE_DOCS_MAX
            || self.asides.len() >= INTAKE_DOCS_MAX
            || self.document_bytes >= INTAKE_BYTES_TARGET
            || self.offer_bytes >= MESSAGE_BYTES_TARGET
            || self.aside_bytes >= MESSAGE_BYTES_TARGET
    }

    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.asides.is_empty() && self.skipped == 0
    }
}

/// Gathers batches and gives them away when they are full.
pub(super) struct Tray<'t> {
    batch: Batch,
    take: &'t mut dyn FnMut(Batch) -> Flow,
    /// Counts the file that is read, and how much of it was told.
    fed: Fed,
    told: u64,
}

impl fmt::Debug for Tray<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tray").field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl<'t> Tray<'t> {
    pub(super) fn new(take: &'t mut dyn FnMut(Batch) -> Flow) -> Self {
        Self { batch: Batch::default(), take, fed: Fed::default(), told: 0 }
    }

    /// A file is read from here on; gives what counts it.
    pub(super) fn begin_file(&mut self) -> Fed {
        (self.fed, self.told) = (Fed::default(), 0);
        self.fed.clone()
    }

    /// All of a file is done, read or not.
    pub(super) fn end_file(&mut self, bytes: u64) {
        self.batch.file_bytes += bytes.saturating_sub(self.told);
        self.begin_file();
    }

    pub(super) fn offer(&mut self, id: String, source: &str, bytes: Vec<u8>) -> Flow {
        let source = cut(source);
        self.batch.document_bytes += bytes.len();
        self.batch.offer_bytes += id.len() + source.len() + ITEM_OVERHEAD_BYTES;
        let offer = Offer { id, digest: digest(&bytes), source };
        self.batch.documents.push((offer, bytes));
        self.give_if_full()
    }

    pub(super) fn set_aside(&mut self, source: &str, position: String, why: &str) -> Flow {
        let aside = Aside { source: cut(source), position, reason: cut(why) };
        let texts = aside.source.len() + aside.position.len() + aside.reason.len();
        self.batch.aside_bytes += texts + ITEM_OVERHEAD_BYTES;
        self.batch.asides.push(aside);
        self.give_if_full()
    }

    pub(super) fn skip(&mut self) -> Flow {
        self.batch.skipped += 1;
        match self.fed.bytes().saturating_sub(self.told) >= PROGRESS_BYTES {
            true => self.give(),
            false => Flow::Continue(()),
        }
    }

    /// Gives the last batch.
    pub(super) fn finish(mut self) -> Flow {
        if self.batch.is_empty() { Flow::Continue(()) } else { self.give() }
    }

    fn give_if_full(&mut self) -> Flow {
        if self.batch.is_full() { self.give() } else { Flow::Continue(()) }
    }

    fn give(&mut self) -> Flow {
        let fed = self.fed.bytes();
        self.batch.file_bytes += fed.saturating_sub(self.told);
        self.told = fed;
        (self.take)(std::mem::take(&mut self.batch))
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned()
}
