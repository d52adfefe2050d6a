//! Intake: a corpus grows by slices, each with its documents, and is whole again at its end.
//!
//! What an intake set aside replaces what the one before it did, once it has come to its end: adding
//! the same files again changes nothing. An intake that was cut off leaves what it brought; the
//! next one finds these documents known, and its first slice may grow out of the last one there.

use gleaner_failpoint::disk_point;
use gleaner_shared::id::{CorpusId, Digest};
use gleaner_shared::limits::{ASIDE_MAX, MESSAGE_BYTES_MAX};
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::wire::admin::corpus::Aside;
use sqlx::SqliteConnection;

use super::SliceRecord;
use super::document::DocInsert;
use crate::batch::{Cell, Shape};
use crate::columns::stored;
use crate::error::StoreError;
use crate::object::Sort;
use crate::object::payload::PackPlace;
use crate::store::{Store, owned};
use crate::sweep;

/// An intake that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorpusAdd {
    /// The corpus.
    pub corpus: CorpusId,
    /// The number of this intake, from 1 on.
    pub added: u32,
}

/// A slice to keep, whose payload is in a pack already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceInsert {
    /// Its payload.
    pub facts: PayloadFacts,
    /// Where that lies.
    pub place: PackPlace,
    /// Its documents, by position; without those of the slice that it grows out of.
    pub docs: Vec<DocInsert>,
}

/// What an intake brings at once, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Slices, in order.
    pub slices: Vec<SliceInsert>,
    /// The corpus's last slice, if the first of those takes its place and begins with its documents.
    pub grown: Option<SliceRecord>,
    /// What was set aside.
    pub asides: Vec<Aside>,
    /// Stretches whose documents are all there then.
    pub stretches: Vec<Stretch>,
}

/// Documents that were offered together, and are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Over their ids and digests, in order.
    pub digest: Digest,
    /// How many.
    pub docs: u32,
}

impl Store {
    /// Begins an intake into a corpus, which is made if there is none, and is incomplete until
    /// [`Store::corpus_end`]. The caller sees to it that there is one intake of a corpus at a time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_begin(
        &self,
        name: &str,
        slice_bytes: u32,
    ) -> Result<CorpusAdd, StoreError> {
        let name = name.to_owned();
        self.transact(move |connection| {
            Box::pin(async move {
                let (corpus, added) = sqlx::query_as(
                    "INSERT INTO corpus (name, slice_bytes, adds) VALUES (?, ?, 1) \
                     ON CONFLICT (name) DO UPDATE SET slice_bytes = excluded.slice_bytes, \
                     digest = NULL, adds = adds + 1, set_aside = 0 RETURNING id, adds",
                )
                .bind(name)
                .bind(slice_bytes)
                .fetch_one(connection)
                .await?;
                Ok(CorpusAdd { corpus: CorpusId(corpus), added })
            })
        })
        .await
    }

    /// Keeps what an intake brings, all or nothing. Numbers go on from the last slice of the corpus.
    ///
    /// # Errors
    /// A document is there already, a pack is not in the folder, the slice that grows is not the last
    /// one, or the store failed.
    pub async fn slices_insert(&self, add: CorpusAdd, brought: Brought) -> Result<(), StoreError> {
        let store = self.clone();
        owned(async move {
            let grown = brought.grown;
            let packs = store.inner.object_gate.lock().await;
            disk_point!("server.intake.pack")?;
            packs_check(&store, &brought.slices).await?;
            store
                .transact_here(move |connection| Box::pin(brought_keep(connection, add, brought)))
                .await?;
            drop(packs);
            if let Some(grown) = grown {
                sweep::remove_if_orphan(&store, Sort::Pack, grown.place.pack).await?;
            }
            Ok(())
        })
        .await
    }

    /// Ends an intake: the corpus has its digest, and is whole.
    ///
    /// # Errors
    /// A later intake of this corpus has begun, or the store failed.
    pub async fn corpus_end(&self, add: CorpusAdd) -> Result<Digest, StoreError> {
        let digest = self.corpus_digest(add.corpus).await?;
        self.transact(move |connection| {
            Box::pin(async move {
                let ended = sqlx::query("UPDATE corpus SET digest = ? WHERE id = ? AND adds = ?")
                    .bind(digest.0.to_vec())
                    .bind(add.corpus.0)
                    .bind(add.added)
                    .execute(&mut *connection)
                    .await?;
                if ended.rows_affected() != 1 {
                    return Err(overtaken(add));
                }
                disk_point!("server.intake.end")?;
                sqlx::query("DELETE FROM aside WHERE corpus = ? AND added < ?")
                    .bind(add.corpus.0)
                    .bind(add.added)
                    .execute(connection)
                    .await?;
                Ok(digest)
            })
        })
        .await
    }
}

fn overtaken(add: CorpusAdd) -> StoreError {
    let CorpusAdd { corpus, added } = add;
    StoreError::Misuse(format!("intake {added} of corpus {corpus} was overtaken by a later one"))
}

/// A pack may have been removed as an orphan since it was put.
async fn packs_check(store: &Store, slices: &[SliceInsert]) -> Result<(), StoreError> {
    let mut last = None;
    for pack in slices.iter().map(|slice| slice.place.pack) {
        if last != Some(pack) && !store.objects().has(Sort::Pack, &pack).await? {
            return Err(StoreError::Absent(format!("pack {pack}")));
        }
        last = Some(pack);
    }
    Ok(())
}

async fn brought_keep(
    connection: &mut SqliteConnection,
    add: CorpusAdd,
    brought: Brought,
) -> Result<(), StoreError> {
    let Brought { slices, grown, asides, stretches } = brought;
    let (after, set_aside) = count(connection, add, &slices, grown, asides.len()).await?;
    let total = u32::try_from(slices.len()).unwrap_or(u32::MAX);
    let first = after.saturating_sub(total);
    if let Some(grown) = grown {
        slice_remove(connection, add, grown, first).await?;
    }
    let places = (first..).zip(&slices).map(|(number, slice)| slice_cells(add, number, slice));
    let places: Vec<_> = places.collect();
    let insert = Shape { head: "INSERT INTO slice VALUES", width: 8, tail: "" };
    insert.execute(connection, places.into_iter()).await?;
    let mut there = grown.map_or(0, |grown| grown.facts.docs);
    for (number, slice) in (first..).zip(slices) {
        docs_insert(connection, add, (number, there), slice.docs).await?;
        disk_point!("server.intake.slice")?;
        there = 0;
    }
    asides_insert(connection, add, asides_listed(asides, set_aside)).await?;
    let insert = Shape { head: "INSERT OR IGNORE INTO stretch VALUES", width: 3, tail: "" };
    let rows = stretches
        .into_iter()
        .map(|stretch| [add.corpus.0.into(), Cell::from(stretch.digest), stretch.docs.into()]);
    insert.execute(connection, rows).await?;
    Ok(())
}

/// Counts what comes; gives the slices and asides that there are then.
async fn count(
    connection: &mut SqliteConnection,
    add: CorpusAdd,
    slices: &[SliceInsert],
    grown: Option<SliceRecord>,
    asides: usize,
) -> Result<(u32, i64), StoreError> {
    let facts = slices.iter().map(|slice| &slice.facts);
    let (raw, packed) = facts.fold((0, 0), |(raw, packed), facts| {
        (raw + i64::from(facts.raw_len), packed + i64::from(facts.len))
    });
    let docs: usize = slices.iter().map(|slice| slice.docs.len()).sum();
    let gone = grown.map_or((0, 0, 0), |SliceRecord { facts, .. }| {
        (1, i64::from(facts.raw_len), i64::from(facts.len))
    });
    let counted: Option<(u32, i64)> = sqlx::query_as(
        "UPDATE corpus SET documents = documents + ?, slices = slices + ?, \
         raw_bytes = raw_bytes + ?, packed_bytes = packed_bytes + ?, set_aside = set_aside + ? \
         WHERE id = ? AND adds = ? RETURNING slices, set_aside",
    )
    .bind(stored(docs as u64))
    .bind(stored(slices.len() as u64) - gone.0)
    .bind(raw - gone.1)
    .bind(packed - gone.2)
    .bind(stored(asides as u64))
    .bind(add.corpus.0)
    .bind(add.added)
    .fetch_optional(connection)
    .await?;
    counted.ok_or_else(|| overtaken(add))
}

/// Removes the row of the last slice; its documents stay, and are those that its successor begins
/// with.
async fn slice_remove(
    connection: &mut SqliteConnection,
    add: CorpusAdd,
    grown: SliceRecord,
    last: u32,
) -> Result<(), StoreError> {
    let removed = sqlx::query(
        "DELETE FROM slice WHERE corpus = ?1 AND number = ?2 AND digest = ?3 \
         AND NOT EXISTS (SELECT 1 FROM job WHERE job.corpus = ?1)",
    )
    .bind(add.corpus.0)
    .bind(last)
    .bind(grown.facts.digest.0.to_vec())
    .execute(connection)
    .await?;
    if removed.rows_affected() != 1 || grown.number != last {
        let SliceRecord { number, .. } = grown;
        let why = format!("slice {number} is not the last one, or a job uses it");
        return Err(StoreError::Misuse(why));
    }
    Ok(())
}

async fn asides_insert(
    connection: &mut SqliteConnection,
    add: CorpusAdd,
    asides: Vec<Aside>,
) -> Result<(), StoreError> {
    let insert = Shape {
        head: "INSERT INTO aside (corpus, added, source, position, reason) VALUES",
        width: 5,
        tail: "",
    };
    let rows = asides.into_iter().map(|aside| {
        let Aside { source, position, mut reason } = aside;
        reason.truncate(reason.floor_char_boundary(MESSAGE_BYTES_MAX));
        [add.corpus.0.into(), add.added.into(), source.into(), position.into(), reason.into()]
    });
    insert.execute(connection, rows).await?;
    Ok(())
}

/// Those that the list still takes; all of them are counted.
fn asides_listed(mut asides: Vec<Aside>, counted: i64) -> Vec<Aside> {
    let listed = usize::try_from(counted).unwrap_or(0).saturating_sub(asides.len());
    asides.truncate(ASIDE_MAX.saturating_sub(listed));
    asides
}

fn slice_cells(add: CorpusAdd, number: u32, slice: &SliceInsert) -> [Cell; 8] {
    let SliceInsert { facts, place, .. } = slice;
    [
        add.corpus.0.into(),
        number.into(),
        facts.digest.into(),
        place.pack.into(),
        stored(place.offset).into(),
        facts.len.into(),
        facts.raw_len.into(),
        facts.docs.into(),
    ]
}

async fn docs_insert(
    connection: &mut SqliteConnection,
    add: CorpusAdd,
    (number, first): (u32, u32),
    docs: Vec<DocInsert>,
) -> Result<(), StoreError> {
    let insert = Shape { head: "INSERT INTO document VALUES", width: 7, tail: "" };
    let rows = docs.into_iter().enumerate().map(|(behind, doc)| {
        [
            add.corpus.0.into(),
            doc.id.into(),
            doc.digest.into(),
            number.into(),
            stored(u64::from(first) + behind as u64).into(),
            doc.source.into(),
            add.added.into(),
        ]
    });
    insert.execute(connection, rows).await?;
    Ok(())
}
