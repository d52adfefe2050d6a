//! Cuts documents into slices by bytes, slices into packs. Holds what is not on disk yet.
//!
//! A slice ends before the document that would take it over its target; only a document that is
//! larger by itself makes a larger slice. The corpus's last slice grows on: however often an intake
//! is cut off, its slices are those of one that was not.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{INTAKE_ASIDES_MAX, PACK_AGE_MAX, PACK_BYTES_TARGET, SLICE_DOCS_MAX};
use gleaner_shared::payload::{PayloadBuilder, PayloadFacts, payload_open};
use gleaner_shared::wire::admin::corpus::Aside;
use gleaner_store::{
    Brought, CorpusAdd, DocInsert, SliceInsert, SliceRecord, Store, StoreError, Stretch,
};

/// A slice whose payload is built.
#[derive(Debug)]
struct Cut {
    facts: PayloadFacts,
    bytes: Bytes,
    docs: Vec<DocInsert>,
}

/// See the file's head.
#[derive(Debug)]
pub(super) struct Slicer {
    store: Store,
    add: CorpusAdd,
    slice_bytes: usize,
    builder: PayloadBuilder,
    /// The slice on disk that the one in `builder`, or else the first of `cut`, begins with.
    tail: Option<SliceRecord>,
    /// Those in `builder` that are not in the tail.
    docs: Vec<DocInsert>,
    cut: Vec<Cut>,
    cut_raw_bytes: usize,
    /// When the last pack was written.
    written: Instant,
    asides: Vec<Aside>,
    /// Documents that are not on disk yet, by id.
    held: BTreeMap<String, Digest>,
    pushed: u64,
    /// Each with the number of pushed documents after which it is whole.
    stretches: Vec<(u64, Stretch)>,
}

impl Slicer {
    /// Goes on where the corpus ends.
    pub(super) async fn new(
        store: Store,
        add: CorpusAdd,
        slice_bytes: usize,
    ) -> Result<Self, StoreError> {
        let mut slicer = Self {
            store,
            add,
            slice_bytes,
            builder: PayloadBuilder::default(),
            tail: None,
            docs: Vec::new(),
            cut: Vec::new(),
            cut_raw_bytes: 0,
            written: Instant::now(),
            asides: Vec::new(),
            held: BTreeMap::new(),
            pushed: 0,
            stretches: Vec::new(),
        };
        if let Some(tail) = slicer.store.corpus_tail(add.corpus).await? {
            slicer.take_up(tail).await;
        }
        Ok(slicer)
    }

    /// The digest of a document that is held but not on disk yet.
    pub(super) fn held(&self, id: &str) -> Option<Digest> {
        self.held.get(id).copied()
    }

    /// Takes a document's bytes; writes a pack when enough has come together.
    pub(super) async fn push(&mut self, doc: DocInsert, bytes: &[u8]) -> Result<(), StoreError> {
        let over = self.builder.raw_len() + bytes.len() > self.slice_bytes;
        if self.builder.docs() > 0 && (over || self.builder.docs() as usize >= SLICE_DOCS_MAX) {
            self.cut()?;
        }
        let old = self.written.elapsed() >= Duration::from_millis(PACK_AGE_MAX.0);
        let much = self.cut_raw_bytes >= PACK_BYTES_TARGET || self.held.len() >= SLICE_DOCS_MAX;
        if much || (old && !self.cut.is_empty()) {
            self.write().await?;
        }
        self.builder.push(bytes);
        self.held.insert(doc.id.clone(), doc.digest);
        self.docs.push(doc);
        self.pushed += 1;
        Ok(())
    }

    /// Takes what was set aside; it goes to disk with the next pack.
    pub(super) async fn aside(&mut self, asides: Vec<Aside>) -> Result<(), StoreError> {
        self.asides.extend(asides);
        if self.asides.len() >= INTAKE_ASIDES_MAX { self.write().await } else { Ok(()) }
    }

    /// Notes that the documents of a stretch have all been pushed, or are on disk.
    pub(super) fn stretch(&mut self, stretch: Stretch) {
        self.stretches.push((self.pushed, stretch));
    }

    /// Writes all that is held. It is on disk when this returns.
    pub(super) async fn finish(mut self) -> Result<CorpusAdd, StoreError> {
        if !self.docs.is_empty() {
            self.cut()?;
        }
        self.write().await?;
        Ok(self.add)
    }

    /// Begins with the documents of the last slice there, if it can be read.
    async fn take_up(&mut self, tail: SliceRecord) {
        let bytes = match self.store.slice_read(&tail).await {
            Ok(bytes) => bytes,
            Err(error) => return tracing::warn!(%error, "the last slice does not grow on"),
        };
        match payload_open(&tail.facts, &bytes) {
            Ok(payload) => payload.encoded().for_each(|document| self.builder.push(document)),
            Err(error) => return tracing::warn!(%error, "the last slice does not grow on"),
        }
        self.tail = Some(tail);
    }

    fn cut(&mut self) -> Result<(), StoreError> {
        if self.docs.is_empty() {
            // The next document does not fit behind the tail, which stays as it is.
            self.builder = PayloadBuilder::default();
            self.tail = None;
            return Ok(());
        }
        let built = self.builder.build();
        let (facts, bytes) = built.map_err(|error| StoreError::Misuse(error.to_string()))?;
        self.cut_raw_bytes += facts.raw_len as usize;
        let docs = std::mem::take(&mut self.docs);
        self.cut.push(Cut { facts, bytes: bytes.into(), docs });
        Ok(())
    }

    /// The pack first, then the rows that name it. If it fails or is given up half-way, stretches are
    /// forgotten: some of their documents may be missing.
    async fn write(&mut self) -> Result<(), StoreError> {
        let (stretches, open) = self.stretches_take();
        let cut = std::mem::take(&mut self.cut);
        let asides = std::mem::take(&mut self.asides);
        self.cut_raw_bytes = 0;
        self.written = Instant::now();
        // With no slice cut, the tail is still that of the builder.
        let grown = if cut.is_empty() { None } else { self.tail.take() };
        let payloads = cut.iter().map(|cut| (cut.facts, cut.bytes.clone())).collect();
        let places = self.store.payloads_put(payloads).await?;
        let mut slices = Vec::with_capacity(cut.len());
        for (cut, place) in cut.into_iter().zip(places) {
            for doc in &cut.docs {
                self.held.remove(&doc.id);
            }
            slices.push(SliceInsert { facts: cut.facts, place, docs: cut.docs });
        }
        if !(slices.is_empty() && asides.is_empty() && stretches.is_empty()) {
            let brought = Brought { slices, grown, asides, stretches };
            self.store.slices_insert(self.add, brought).await?;
        }
        self.stretches = open;
        Ok(())
    }

    /// Stretches whose documents are all in slices, and the others.
    fn stretches_take(&mut self) -> (Vec<Stretch>, Vec<(u64, Stretch)>) {
        let sliced = self.pushed - self.docs.len() as u64;
        let mut whole = std::mem::take(&mut self.stretches);
        let open = whole.split_off(whole.partition_point(|(after, _)| *after <= sliced));
        (whole.into_iter().map(|(_, stretch)| stretch).collect(), open)
    }
}
