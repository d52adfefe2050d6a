//! Documents of a corpus: which are there, where one lies.

use std::collections::HashMap;

use gleaner_shared::id::{CorpusId, Digest};
use gleaner_shared::payload::PayloadFacts;
use sqlx::{AssertSqlSafe, Row as _};

use super::slice_record;
use crate::columns::digest_of;
use crate::error::StoreError;
use crate::store::Store;

/// Documents of one look-up.
const PART: usize = 64;

/// A document that comes with its slice; its position is that in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocInsert {
    /// Unique in its corpus.
    pub id: String,
    /// Of its encoded bytes.
    pub digest: Digest,
    /// The file it came from.
    pub source: String,
}

/// Whether a document is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is not.
    Absent,
    /// It is.
    Same {
        /// The number of the intake that brought it.
        added: u32,
    },
    /// Another one with its id is.
    Other {
        /// The file that one came from.
        source: String,
    },
}

/// Where a document lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocPlace {
    /// The slice's number.
    pub slice: u32,
    /// Its position there, from 0.
    pub position: u32,
    /// The slice's payload.
    pub payload: PayloadFacts,
}

impl Store {
    /// For each (id, digest), in order, whether the corpus has it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn documents_known(
        &self,
        corpus: CorpusId,
        documents: &[(String, Digest)],
    ) -> Result<Vec<Known>, StoreError> {
        let mut found = HashMap::new();
        for part in documents.chunks(PART) {
            let select = format!(
                "SELECT id, digest, added, source FROM document WHERE corpus = ? AND id IN ({})",
                ["?"; PART].join(", ")
            );
            let select = AssertSqlSafe(select);
            let mut query = sqlx::query_as::<_, (String, Vec<u8>, u32, String)>(select);
            query = query.bind(corpus.0);
            for index in 0..PART {
                // A short part repeats its last id, so that there is one statement.
                query = query.bind(part[index.min(part.len() - 1)].0.clone());
            }
            for (id, digest, added, source) in query.fetch_all(self.readers()).await? {
                found.insert(id, (digest_of(&digest)?, added, source));
            }
        }
        let known = |(id, digest): &(String, Digest)| match found.get(id) {
            None => Known::Absent,
            Some((same, added, _)) if same == digest => Known::Same { added: *added },
            Some((_, _, source)) => Known::Other { source: source.clone() },
        };
        Ok(documents.iter().map(known).collect())
    }

    /// How many documents a stretch has, if it was offered before and all of them are there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn stretch_find(
        &self,
        corpus: CorpusId,
        stretch: Digest,
    ) -> Result<Option<u32>, StoreError> {
        let found = sqlx::query_scalar("SELECT docs FROM stretch WHERE corpus = ? AND digest = ?")
            .bind(corpus.0)
            .bind(stretch.0.to_vec());
        Ok(found.fetch_optional(self.readers()).await?)
    }

    /// The documents of a slice by their positions: ids and digests of the encoded bytes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn slice_documents(
        &self,
        corpus: CorpusId,
        slice: u32,
    ) -> Result<Vec<(String, Digest)>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, digest FROM document WHERE corpus = ? AND slice = ? ORDER BY position",
        )
        .bind(corpus.0)
        .bind(slice)
        .fetch_all(self.readers())
        .await?;
        rows.into_iter().map(|(id, digest)| Ok((id, digest_of(&digest)?))).collect()
    }

    /// Where a document of a corpus lies, if there is one of this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn document_find(
        &self,
        corpus: CorpusId,
        id: &str,
    ) -> Result<Option<DocPlace>, StoreError> {
        let row = sqlx::query(
            "SELECT number, slice.digest, len_bytes, raw_bytes, docs, pack, offset_bytes, \
             document.position FROM document JOIN slice \
             ON slice.corpus = document.corpus AND slice.number = document.slice \
             WHERE document.corpus = ? AND document.id = ?",
        )
        .bind(corpus.0)
        .bind(id.to_owned())
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let slice = slice_record(&row)?;
        let position = row.try_get(7)?;
        Ok(Some(DocPlace { slice: slice.number, position, payload: slice.facts }))
    }
}
