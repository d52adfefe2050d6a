//! Payloads and artefacts on their way to a host.

use gleaner_failpoint::crash_point;
use gleaner_link::QuicStream;
use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::limits::{ARTEFACT_PART_BYTES, TRANSFER_ITEMS_MAX};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{FetchItem, Fetched, ItemHead};
use gleaner_store::StoreError;

use super::Front;
use crate::truth::Truth;

impl<T: Truth> Front<T> {
    pub(super) async fn fetch(
        &self,
        peer: HostId,
        items: Vec<FetchItem>,
        mut stream: QuicStream,
    ) -> anyhow::Result<()> {
        let allowed = if items.len() > TRANSFER_ITEMS_MAX {
            Err(Refusal::Malformed)
        } else {
            self.host(peer).await?.map(|_| ())
        };
        if let Err(refusal) = allowed {
            stream.send(&ItemHead::Refused(refusal)).await?;
            stream.finish().await?;
            return Ok(());
        }
        for item in items {
            match item.what {
                Fetched::Payload(digest) => {
                    self.payload_send(digest, item.offset, &mut stream).await?;
                }
                Fetched::Artefact(digest) => {
                    self.artefact_send(digest, item.offset, &mut stream).await?;
                }
            }
        }
        stream.finish().await?;
        Ok(())
    }

    async fn payload_send(
        &self,
        digest: Digest,
        offset: u64,
        stream: &mut QuicStream,
    ) -> anyhow::Result<()> {
        match self.store.payload_range(digest, offset).await {
            Ok(payload) => {
                stream.send(&ItemHead::Found { len: payload.len }).await?;
                stream.send_bytes(&payload.rest).await?;
            }
            Err(StoreError::Absent(_)) => stream.send(&ItemHead::Missing).await?,
            Err(error) => {
                tracing::error!(%error, "a payload cannot be sent");
                return Err(error.into());
            }
        }
        Ok(())
    }

    async fn artefact_send(
        &self,
        digest: Digest,
        offset: u64,
        stream: &mut QuicStream,
    ) -> anyhow::Result<()> {
        let Some(len) = self.store.artefact_len(digest).await? else {
            stream.send(&ItemHead::Missing).await?;
            return Ok(());
        };
        stream.send(&ItemHead::Found { len }).await?;
        let mut at = offset.min(len);
        while at < len {
            let end = len.min(at + ARTEFACT_PART_BYTES);
            let part = self.store.artefact_range(digest, at..end).await?;
            stream.send_bytes(&part).await?;
            at = end;
            crash_point!("server.fetch.half");
        }
        Ok(())
    }
}
