//! Corpora: lists, removal, slices by number.

use gleaner_shared::id::{CorpusId, Digest, JobId};
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::wire::admin::corpus::{Aside, CorpusRow};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::columns::{digest_of, size};
use crate::error::StoreError;
use crate::object::Sort;
use crate::object::payload::PackPlace;
use crate::store::{Page, Store, owned};
use crate::sweep;

mod digest;
pub(crate) mod document;
pub(crate) mod intake;

/// Why a corpus cannot be removed.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// There is none of this name.
    #[error("there is no corpus {0:?}")]
    Absent(String),
    /// Jobs, done ones too, read their documents from it.
    #[error("corpus {name:?} is used by {jobs} jobs")]
    Used {
        /// The corpus.
        name: String,
        /// How many jobs.
        jobs: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for CorpusError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceRecord {
    /// Its number in the corpus, from 0.
    pub number: u32,
    /// Its payload.
    pub facts: PayloadFacts,
    /// Where that lies.
    pub place: PackPlace,
}

const CORPUS_SELECT: &str = "SELECT name, digest, documents, slices, raw_bytes, packed_bytes, \
     set_aside, (SELECT count(*) FROM job WHERE job.corpus = corpus.id) FROM corpus";

fn corpus_row(row: &SqliteRow) -> Result<CorpusRow, StoreError> {
    let digest: Option<Vec<u8>> = row.try_get(1)?;
    let digest = digest.as_deref().map(digest_of).transpose()?;
    Ok(CorpusRow {
        name: row.try_get(0)?,
        complete: digest.is_some(),
        digest: digest.map(|digest| digest.to_string()).unwrap_or_default(),
        documents: size(row.try_get(2)?),
        slices: row.try_get(3)?,
        raw_bytes: size(row.try_get(4)?),
        packed_bytes: size(row.try_get(5)?),
        set_aside: size(row.try_get(6)?),
        jobs: row.try_get(7)?,
    })
}

impl Store {
    /// All corpora by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_list(&self) -> Result<Vec<CorpusRow>, StoreError> {
        let select = sqlx::AssertSqlSafe(format!("{CORPUS_SELECT} ORDER BY name"));
        let rows = sqlx::query(select).fetch_all(self.readers()).await?;
        rows.iter().map(corpus_row).collect()
    }

    /// One corpus.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_show(&self, name: &str) -> Result<Option<CorpusRow>, StoreError> {
        let select = sqlx::AssertSqlSafe(format!("{CORPUS_SELECT} WHERE name = ?"));
        let row = sqlx::query(select).bind(name.to_owned()).fetch_optional(self.readers()).await?;
        row.as_ref().map(corpus_row).transpose()
    }

    /// A corpus's number, and its digest if the last intake came to its end.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_find(
        &self,
        name: &str,
    ) -> Result<Option<(CorpusId, Option<Digest>)>, StoreError> {
        let found: Option<(u32, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT id, digest FROM corpus WHERE name = ?")
                .bind(name.to_owned())
                .fetch_optional(self.readers())
                .await?;
        let Some((id, digest)) = found else { return Ok(None) };
        Ok(Some((CorpusId(id), digest.as_deref().map(digest_of).transpose()?)))
    }

    /// What the last intake of a corpus set aside, in order; none if there is no such corpus.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_asides(&self, name: &str, page: Page) -> Result<Vec<Aside>, StoreError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT aside.source, aside.position, aside.reason FROM corpus \
             JOIN aside ON aside.corpus = corpus.id AND aside.added = corpus.adds \
             WHERE corpus.name = ? ORDER BY aside.id LIMIT ? OFFSET ?",
        )
        .bind(name.to_owned())
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(self.readers())
        .await?;
        let aside = |(source, position, reason)| Aside { source, position, reason };
        Ok(rows.into_iter().map(aside).collect())
    }

    /// At most `count` slices of a corpus from number `first` on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_slices(
        &self,
        corpus: CorpusId,
        first: u32,
        count: u32,
    ) -> Result<Vec<SliceRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, digest, len_bytes, raw_bytes, docs, pack, offset_bytes FROM slice \
             WHERE corpus = ? AND number >= ? ORDER BY number LIMIT ?",
        )
        .bind(corpus.0)
        .bind(first)
        .bind(count)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(slice_record).collect()
    }

    /// The last slice of a corpus.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_tail(&self, corpus: CorpusId) -> Result<Option<SliceRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT number, digest, len_bytes, raw_bytes, docs, pack, offset_bytes FROM slice \
             WHERE corpus = ? ORDER BY number DESC LIMIT 1",
        )
        .bind(corpus.0)
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(slice_record).transpose()
    }

    /// How many documents these slices of a job's corpus have, in order; shorter at the corpus's end.
    ///
    /// # Errors
    /// The database failed.
    pub async fn slice_docs(
        &self,
        job: JobId,
        first: u32,
        count: u32,
    ) -> Result<Vec<u32>, StoreError> {
        let docs = sqlx::query_scalar(
            "SELECT docs FROM slice WHERE corpus = (SELECT corpus FROM job WHERE id = ?) \
             AND number >= ? ORDER BY number LIMIT ?",
        )
        .bind(job.0)
        .bind(first)
        .bind(count);
        Ok(docs.fetch_all(self.readers()).await?)
    }

    /// Removes a corpus that no job uses, and the packs that nothing else needs.
    ///
    /// # Errors
    /// There is none, a job uses it, or the store failed.
    pub async fn corpus_remove(&self, name: &str) -> Result<(), CorpusError> {
        let (store, name) = (self.clone(), name.to_owned());
        owned(async move {
            let packs = corpus_remove_rows(&store, name).await?;
            for pack in packs {
                sweep::remove_if_orphan(&store, Sort::Pack, pack).await?;
            }
            Ok(())
        })
        .await
    }
}

pub(crate) fn slice_record(row: &SqliteRow) -> Result<SliceRecord, StoreError> {
    let (digest, pack): (Vec<u8>, Vec<u8>) = (row.try_get(1)?, row.try_get(5)?);
    let offset: i64 = row.try_get(6)?;
    let facts = PayloadFacts {
        digest: digest_of(&digest)?,
        len: row.try_get(2)?,
        raw_len: row.try_get(3)?,
        docs: row.try_get(4)?,
    };
    let place = PackPlace { pack: digest_of(&pack)?, offset: size(offset) };
    Ok(SliceRecord { number: row.try_get(0)?, facts, place })
}

async fn corpus_remove_rows(store: &Store, name: String) -> Result<Vec<Digest>, CorpusError> {
    store
        .transact_here(move |connection| {
            Box::pin(async move {
                let found: Option<(u32, u32)> = sqlx::query_as(
                    "SELECT id, (SELECT count(*) FROM job WHERE job.corpus = corpus.id) \
                     FROM corpus WHERE name = ?",
                )
                .bind(name.clone())
                .fetch_optional(&mut *connection)
                .await?;
                let Some((id, jobs)) = found else { return Err(CorpusError::Absent(name)) };
                if jobs > 0 {
                    return Err(CorpusError::Used { name, jobs });
                }
                let packs: Vec<Vec<u8>> =
                    sqlx::query_scalar("SELECT DISTINCT pack FROM slice WHERE corpus = ?")
                        .bind(id)
                        .fetch_all(&mut *connection)
                        .await?;
                for delete in [
                    "DELETE FROM aside WHERE corpus = ?",
                    "DELETE FROM stretch WHERE corpus = ?",
                    "DELETE FROM document WHERE corpus = ?",
                    "DELETE FROM slice WHERE corpus = ?",
                    "DELETE FROM corpus WHERE id = ?",
                ] {
                    sqlx::query(delete).bind(id).execute(&mut *connection).await?;
                }
                Ok(packs.iter().map(|pack| digest_of(pack)).collect::<Result<_, _>>()?)
            })
        })
        .await
}
