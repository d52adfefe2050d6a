//! Corpora: rows, slices and packs say the same of each document.

use anyhow::Result;
use gleaner_shared::digest::{Hasher, digest};
use gleaner_shared::id::Digest;
use gleaner_shared::payload::{Payload, PayloadFacts, payload_open};

use super::books::{Books, digest_of, from_row};
use super::objects::Objects;
use super::{Checked, Wrong};

/// A row of `slice`.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) number: u32,
    pub(super) digest: Vec<u8>,
    pack: Vec<u8>,
    offset_bytes: i64,
    len_bytes: u32,
    raw_bytes: u32,
    pub(super) docs: u32,
}
from_row!(Slice: number, digest, pack, offset_bytes, len_bytes, raw_bytes, docs);

#[derive(Debug)]
struct Corpus {
    id: u32,
    name: String,
    digest: Option<Vec<u8>>,
    documents: i64,
    slices: i64,
    raw_bytes: i64,
    packed_bytes: i64,
}
from_row!(Corpus: id, name, digest, documents, slices, raw_bytes, packed_bytes);

/// All slices of a corpus, in order.
pub(super) fn slices(books: &mut Books, corpus: u32) -> Result<Vec<Slice>> {
    books.all(&format!("SELECT * FROM slice WHERE corpus = {corpus} ORDER BY number"))
}

/// A slice's payload, checked by its digest.
pub(super) fn payload(objects: &Objects, slice: &Slice) -> Result<Payload> {
    let pack = objects.read("pack", digest_of(&slice.pack)?)?;
    let from = usize::try_from(slice.offset_bytes)?;
    let bytes = pack.get(from..from + slice.len_bytes as usize).unwrap_or_default();
    let facts = PayloadFacts {
        digest: digest_of(&slice.digest)?,
        len: slice.len_bytes,
        raw_len: slice.raw_bytes,
        docs: slice.docs,
    };
    Ok(payload_open(&facts, bytes)?)
}

pub(super) fn check(
    books: &mut Books,
    objects: &Objects,
    wrong: &mut Wrong,
    checked: &mut Checked,
) -> Result<()> {
    for corpus in books.all::<Corpus>("SELECT * FROM corpus ORDER BY id")? {
        let slices = slices(books, corpus.id)?;
        let found = documents(books, corpus.id)?;
        checked.documents += found.len() as u64;
        let sums = [
            found.len() as i64,
            slices.len() as i64,
            slices.iter().map(|slice| i64::from(slice.raw_bytes)).sum(),
            slices.iter().map(|slice| i64::from(slice.len_bytes)).sum(),
        ];
        let said = [corpus.documents, corpus.slices, corpus.raw_bytes, corpus.packed_bytes];
        let name = &corpus.name;
        wrong.unless(sums == said, || format!("corpus {name} says {said:?}, its rows {sums:?}"));
        if let Some(said) = corpus.digest {
            let whole = whole(&found);
            let same = digest_of(&said)? == whole;
            wrong.unless(same, || format!("corpus {name} has digest {whole}"));
        }
        let mut left = found.iter().filter(|doc| doc.slice as usize >= slices.len()).count();
        for (number, slice) in (0..).zip(&slices) {
            let of_slice: Vec<&Doc> = found.iter().filter(|doc| doc.slice == number).collect();
            left += usize::from(slice.number != number);
            if let Some(why) = differs(objects, slice, of_slice)? {
                wrong.add(format!("slice {number} of corpus {name}: {why}"));
            }
        }
        wrong.unless(left == 0, || format!("corpus {name} has documents or slices out of order"));
    }
    Ok(())
}

#[derive(Debug)]
struct Doc {
    id: String,
    digest: Vec<u8>,
    slice: u32,
    position: u32,
}
from_row!(Doc: id, digest, slice, position);

fn documents(books: &mut Books, corpus: u32) -> Result<Vec<Doc>> {
    books.all(&format!(
        "SELECT id, digest, slice, position FROM document WHERE corpus = {corpus} ORDER BY id"
    ))
}

/// The digest over ids and documents, as docs of `corpus` say it.
fn whole(documents: &[Doc]) -> Digest {
    let mut hasher = Hasher::new();
    for doc in documents {
        hasher.update(&(doc.id.len() as u64).to_le_bytes());
        hasher.update(doc.id.as_bytes());
        hasher.update(&doc.digest);
    }
    hasher.digest()
}

/// In what a slice's payload differs from its rows.
fn differs(objects: &Objects, slice: &Slice, mut rows: Vec<&Doc>) -> Result<Option<String>> {
    rows.sort_unstable_by_key(|doc| doc.position);
    let payload = match payload(objects, slice) {
        Ok(payload) => payload,
        Err(error) => return Ok(Some(format!("{error:#}"))),
    };
    if rows.len() != slice.docs as usize {
        return Ok(Some(format!("{} rows for {} documents", rows.len(), slice.docs)));
    }
    for ((position, row), encoded) in (0..).zip(rows).zip(payload.encoded()) {
        let id = payload.document(position)?.id;
        let same = row.position == position && row.id == id;
        if !same || digest_of(&row.digest)? != digest(encoded) {
            return Ok(Some(format!("document {position} is {id}, its row says {}", row.id)));
        }
    }
    Ok(None)
}
