//! Payloads in packs: many payloads in one object, found by (pack, offset, length).
//!
//! A pack is on disk before any row names it. Whatever is read is checked by its digest.

use bytes::{Bytes, BytesMut};
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{PACK_BYTES_TARGET, PAYLOAD_BYTES_MAX};
use gleaner_shared::payload::PayloadFacts;

use super::Sort;
use crate::columns::digest_of;
use crate::corpus::SliceRecord;
use crate::error::StoreError;
use crate::store::{Store, owned};

/// Where a payload lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackPlace {
    /// The object that holds it.
    pub pack: Digest,
    /// Where it begins there, in bytes.
    pub offset: u64,
}

/// A payload from some byte on, to resume a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadBytes {
    /// Bytes of the whole payload.
    pub len: u64,
    /// Those from the offset on; none if it is at or behind the end.
    pub rest: Bytes,
}

impl Store {
    /// Writes payloads as one pack and gives the place of each, in order. On disk when it returns;
    /// the same again changes nothing. Rows follow with [`Store::slices_insert`].
    ///
    /// # Errors
    /// The folder cannot be written, or the payloads are more than one pack may hold.
    pub async fn payloads_put(
        &self,
        payloads: Vec<(PayloadFacts, Bytes)>,
    ) -> Result<Vec<PackPlace>, StoreError> {
        let total: usize = payloads.iter().map(|(_, bytes)| bytes.len()).sum();
        if total > PACK_BYTES_TARGET + PAYLOAD_BYTES_MAX {
            return Err(StoreError::Misuse(format!("{total} bytes are too many for a pack")));
        }
        if payloads.is_empty() {
            return Ok(Vec::new());
        }
        let mut offsets = Vec::with_capacity(payloads.len());
        let mut pack = BytesMut::with_capacity(total);
        for (_, bytes) in &payloads {
            offsets.push(pack.len() as u64);
            pack.extend_from_slice(bytes);
        }
        drop(payloads);
        let pack = pack.freeze();
        let name = digest(&pack);
        let objects = self.objects().clone();
        owned(async move { objects.put(Sort::Pack, &name, pack).await }).await?;
        Ok(offsets.into_iter().map(|offset| PackPlace { pack: name, offset }).collect())
    }

    /// A payload's bytes, checked by its digest.
    ///
    /// # Errors
    /// There is no such payload, or its pack is damaged; then the error names pack and offset.
    pub async fn payload_read(&self, payload: Digest) -> Result<Bytes, StoreError> {
        let found: Option<(Vec<u8>, i64, u32)> = sqlx::query_as(
            "SELECT pack, offset_bytes, len_bytes FROM slice WHERE digest = ? LIMIT 1",
        )
        .bind(payload.0.to_vec())
        .fetch_optional(self.readers())
        .await?;
        let absent = || StoreError::Absent(format!("payload {payload:.8}"));
        let (pack, offset, len) = found.ok_or_else(absent)?;
        let place = PackPlace { pack: digest_of(&pack)?, offset: offset.cast_unsigned() };
        self.placed_read(payload, place, len).await
    }

    /// The payload of one slice, read from the very place that its row names, checked by its digest.
    ///
    /// # Errors
    /// Its pack is damaged or gone; then the error names pack and offset.
    pub async fn slice_read(&self, slice: &SliceRecord) -> Result<Bytes, StoreError> {
        self.placed_read(slice.facts.digest, slice.place, slice.facts.len).await
    }

    async fn placed_read(
        &self,
        payload: Digest,
        place: PackPlace,
        len: u32,
    ) -> Result<Bytes, StoreError> {
        let PackPlace { pack, offset } = place;
        let damaged = |why: String| {
            let what = format!("payload {payload:.8} at byte {offset} of pack {pack}");
            StoreError::damaged(what, why)
        };
        if len as usize > PAYLOAD_BYTES_MAX {
            return Err(damaged(format!("its row says {len} bytes")));
        }
        let end = offset + u64::from(len);
        let bytes = self.objects().range(Sort::Pack, &pack, offset..end).await;
        let bytes = bytes.map_err(|error| damaged(error.to_string()))?;
        let found = digest(&bytes);
        if found != payload {
            return Err(damaged(format!("its bytes have the digest {found:.8}")));
        }
        Ok(bytes)
    }

    /// A payload from a byte on; the whole of it is checked by its digest.
    ///
    /// # Errors
    /// As [`Store::payload_read`].
    pub async fn payload_range(
        &self,
        payload: Digest,
        offset: u64,
    ) -> Result<PayloadBytes, StoreError> {
        let bytes = self.payload_read(payload).await?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(PayloadBytes { len: bytes.len() as u64, rest: bytes.slice(from..) })
    }
}
