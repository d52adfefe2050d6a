//! A corpus's digest: over (id, document digest), sorted by id in byte order, whatever the order of
//! intake. Each id comes behind its length, so that no two sets have the same bytes.

use futures_util::TryStreamExt;
use gleaner_shared::digest::Hasher;
use gleaner_shared::id::{CorpusId, Digest};

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// The digest of a corpus's documents as their rows are now; read as a stream.
    ///
    /// # Errors
    /// The database failed.
    pub async fn corpus_digest(&self, corpus: CorpusId) -> Result<Digest, StoreError> {
        let mut hasher = Hasher::new();
        let mut rows = sqlx::query_as::<_, (String, Vec<u8>)>(
            "SELECT id, digest FROM document WHERE corpus = ? ORDER BY id",
        )
        .bind(corpus.0)
        .fetch(&self.inner.streams);
        while let Some((id, digest)) = rows.try_next().await? {
            hasher.update(&(id.len() as u64).to_le_bytes());
            hasher.update(id.as_bytes());
            hasher.update(&digest);
        }
        Ok(hasher.digest())
    }
}
