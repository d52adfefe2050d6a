//! Cuts documents into slices by bytes, slices into packs. Holds what is not on disk yet.
//!
//! A slice ends before the document that would take it over its target; only a document that is
//! larger by itself makes a larger slice.

use std::collections::BTreeMap;

use bytes::Bytes;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{PACK_BYTES_TARGET, SLICE_DOCS_MAX};
use gleaner_shared::payload::{PayloadBuilder, PayloadFacts};
use gleaner_shared::wire::admin::corpus::Aside;
use gleaner_store::{CorpusAdd, DocInsert, SliceInsert, Store, StoreError};

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
    docs: Vec<DocInsert>,
    cut: Vec<Cut>,
    cut_bytes: usize,
    asides: Vec<Aside>,
    /// Documents that are not on disk yet, by id.
    held: BTreeMap<String, Digest>,
}

impl Slicer {
    pub(super) fn new(store: Store, add: CorpusAdd, slice_bytes: usize) -> Self {
        Self {
            store,
            add,
            slice_bytes,
            builder: PayloadBuilder::default(),
            docs: Vec::new(),
            cut: Vec::new(),
            cut_bytes: 0,
            asides: Vec::new(),
            held: BTreeMap::new(),
        }
    }

    /// The digest of a document that is held but not on disk yet.
    pub(super) fn held(&self, id: &str) -> Option<Digest> {
        self.held.get(id).copied()
    }

    /// Takes a document's bytes; writes a pack when enough has come together.
    pub(super) async fn push(&mut self, doc: DocInsert, bytes: &[u8]) -> Result<(), StoreError> {
        let over = self.builder.raw_len() + bytes.len() > self.slice_bytes;
        if !self.docs.is_empty() && (over || self.docs.len() >= SLICE_DOCS_MAX) {
            self.cut()?;
        }
        if self.cut_bytes >= PACK_BYTES_TARGET || self.held.len() >= SLICE_DOCS_MAX {
            self.write().await?;
        }
        self.builder.push(bytes);
        self.held.insert(doc.id.clone(), doc.digest);
        self.docs.push(doc);
        Ok(())
    }

    /// Takes what was set aside; it goes to disk with the next pack.
    pub(super) fn aside(&mut self, asides: Vec<Aside>) {
        self.asides.extend(asides);
    }

    /// Writes all that is held. It is on disk when this returns.
    pub(super) async fn finish(mut self) -> Result<CorpusAdd, StoreError> {
        if !self.docs.is_empty() {
            self.cut()?;
        }
        self.write().await?;
        Ok(self.add)
    }

    fn cut(&mut self) -> Result<(), StoreError> {
        let built = self.builder.build();
        let (facts, bytes) = built.map_err(|error| StoreError::Misuse(error.to_string()))?;
        self.cut_bytes += bytes.len();
        let docs = std::mem::take(&mut self.docs);
        self.cut.push(Cut { facts, bytes: bytes.into(), docs });
        Ok(())
    }

    /// The pack first, then the rows that name it.
    async fn write(&mut self) -> Result<(), StoreError> {
        let cut = std::mem::take(&mut self.cut);
        let asides = std::mem::take(&mut self.asides);
        self.cut_bytes = 0;
        if cut.is_empty() && asides.is_empty() {
            return Ok(());
        }
        let payloads = cut.iter().map(|cut| (cut.facts, cut.bytes.clone())).collect();
        let places = self.store.payloads_put(payloads).await?;
        let mut slices = Vec::with_capacity(cut.len());
        for (cut, place) in cut.into_iter().zip(places) {
            for doc in &cut.docs {
                self.held.remove(&doc.id);
            }
            slices.push(SliceInsert { facts: cut.facts, place, docs: cut.docs });
        }
        self.store.slices_insert(self.add, slices, asides).await
    }
}
