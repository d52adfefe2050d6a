//! Artefacts: a job's data, one object each, and a row once the object is on disk.

use std::ops::Range;

use bytes::Bytes;
use gleaner_failpoint::crash_point;
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::ARTEFACT_BYTES_MAX;

use super::Sort;
use crate::columns::{size, stored};
use crate::error::StoreError;
use crate::store::{Store, owned};

impl Store {
    /// Keeps an artefact; on disk when it returns. The same again changes nothing.
    ///
    /// # Errors
    /// The bytes are not those of the digest, too many, or cannot be written.
    pub async fn artefact_put(&self, artefact: Digest, bytes: Bytes) -> Result<(), StoreError> {
        if bytes.len() > ARTEFACT_BYTES_MAX || digest(&bytes) != artefact {
            let why = format!("the bytes are not those of artefact {artefact:.8}, or too many");
            return Err(StoreError::Misuse(why));
        }
        let store = self.clone();
        owned(async move { artefact_keep(&store, artefact, bytes).await }).await
    }

    /// An artefact's length in bytes, if there is one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn artefact_len(&self, artefact: Digest) -> Result<Option<u64>, StoreError> {
        let found: Option<i64> =
            sqlx::query_scalar("SELECT len_bytes FROM artefact WHERE digest = ?")
                .bind(artefact.0.to_vec())
                .fetch_optional(self.readers())
                .await?;
        Ok(found.map(size))
    }

    /// A whole artefact, checked by its digest.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub async fn artefact_read(&self, artefact: Digest) -> Result<Bytes, StoreError> {
        let len = self.artefact_len(artefact).await?;
        let len = len.ok_or_else(|| StoreError::Absent(format!("artefact {artefact:.8}")))?;
        let bytes = self.artefact_range(artefact, 0..len).await?;
        let found = digest(&bytes);
        if found == artefact {
            return Ok(bytes);
        }
        let why = format!("its bytes have the digest {found:.8}");
        Err(StoreError::damaged(format!("artefact {artefact}"), why))
    }

    /// Some bytes of an artefact, for a transfer in pieces; not checked, the taker checks the whole.
    ///
    /// # Errors
    /// There is none, or it is shorter than its row says.
    pub async fn artefact_range(
        &self,
        artefact: Digest,
        range: Range<u64>,
    ) -> Result<Bytes, StoreError> {
        let wanted = range.end.saturating_sub(range.start);
        if wanted == 0 {
            return Ok(Bytes::new());
        }
        let damaged = |why: String| StoreError::damaged(format!("artefact {artefact}"), why);
        let bytes = self.objects().range(Sort::Artefact, &artefact, range).await;
        let bytes = bytes.map_err(|error| damaged(error.to_string()))?;
        if bytes.len() as u64 == wanted {
            return Ok(bytes);
        }
        Err(damaged(format!("{} of {wanted} bytes are there", bytes.len())))
    }
}

async fn artefact_keep(store: &Store, artefact: Digest, bytes: Bytes) -> Result<(), StoreError> {
    let _objects = store.inner.object_gate.lock().await;
    let len = stored(bytes.len() as u64);
    store.objects().put(Sort::Artefact, &artefact, bytes).await?;
    crash_point!("server.artefact.object");
    store
        .transact_here(move |connection| {
            Box::pin(async move {
                sqlx::query("INSERT INTO artefact VALUES (?, ?) ON CONFLICT DO NOTHING")
                    .bind(artefact.0.to_vec())
                    .bind(len)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
}
