//! Results on their way in: received, checked against their heads and the app's tables, handed to
//! the driver, and answered once they are on disk.

use bytes::Bytes;
use gleaner_engine::event::Host;
use gleaner_failpoint::crash_point;
use gleaner_link::{LinkError, QuicStream, QuicWriter};
use gleaner_shared::digest::digest;
use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::limits::{
    DELIVER_BYTES_MAX, MESSAGE_BYTES_MAX, RESULT_BYTES_MAX, TRANSFER_ITEMS_MAX,
};
use gleaner_shared::records;
use gleaner_shared::table::Table;
use gleaner_shared::verdict::{Outcome, Receipt};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{DeliverReply, Delivered, ResultHead, Returned};
use gleaner_store::ResultBytes;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

use super::partial::{Arriving, PartialKey};
use super::{Front, JobTables, arrived};
use crate::truth::Truth;

/// Bytes that are read from a stream at once.
const READ_BYTES: usize = 64 * 1024;

/// What is said of one result: now, or after the commit that keeps it.
enum Answer {
    Now(Delivered),
    Later(oneshot::Receiver<Delivered>),
}

impl<T: Truth> Front<T> {
    pub(super) async fn deliver(
        &self,
        peer: HostId,
        heads: Vec<ResultHead>,
        mut stream: QuicStream,
    ) -> anyhow::Result<()> {
        let worker =
            if heads_fit(&heads) { self.host(peer).await? } else { Err(Refusal::Malformed) };
        let host = match worker {
            Ok(worker) => worker.host,
            Err(refusal) => {
                stream.send(&DeliverReply::Refused(refusal)).await?;
                stream.finish().await?;
                return Ok(());
            }
        };
        let keys = heads.iter().map(|head| partial_key(peer, head));
        let mut arriving = Arriving::begin(&self.partials, keys);
        stream.send(&DeliverReply::Resume(arriving.offsets())).await?;
        let mut answers = Vec::with_capacity(heads.len());
        for (head, part) in heads.into_iter().zip(&mut arriving.parts) {
            let packed = match part {
                Some((key, bytes)) => rest(*key, bytes, &mut stream).await?,
                None => Bytes::new(),
            };
            crash_point!("server.result.received");
            answers.push(self.hand_in(host, head, packed).await?);
        }
        let mut delivered = Vec::with_capacity(answers.len());
        for answer in answers {
            delivered.push(match answer {
                Answer::Now(delivered) => delivered,
                Answer::Later(answer) => answer.await.unwrap_or(Delivered::Again(Refusal::Closing)),
            });
        }
        crash_point!("server.receipt.before");
        stream.send(&DeliverReply::Receipts(delivered)).await?;
        crash_point!("server.receipt.sent");
        stream.finish().await?;
        if self.has_heard(stream.halves().1).await {
            arriving.told();
        }
        Ok(())
    }

    /// Waits until the host has its receipts, or has gone; while the server stops, only a little.
    async fn has_heard(&self, writer: &mut QuicWriter) -> bool {
        let heard = match self.stop.run_until_cancelled(writer.arrived()).await {
            Some(heard) => heard,
            None => return arrived(writer).await,
        };
        // A host that has read them all may want no more of the stream than that.
        matches!(heard, Ok(()) | Err(LinkError::GivenUp))
    }

    async fn hand_in(&self, host: Host, head: ResultHead, packed: Bytes) -> anyhow::Result<Answer> {
        let found = self.store.unit_find(head.job, head.payload, head.docs).await?;
        let Some(unit) = found else { return Ok(Answer::Now(Delivered::Receipt(Receipt::Gone))) };
        let job = self.store.job_find_by_id(unit.job).await?;
        let tables = job.and_then(|job| (self.tables_of)(&job.app));
        let Some(tables) = tables else { return Ok(Answer::Now(Delivered::Again(Refusal::Busy))) };
        let job = JobTables { job: unit.job, tables };
        let (outcome, raw_len, message) = match head.returned {
            Returned::Failed { class, message } => (Outcome::Failed(class), 0, message),
            Returned::Records { digest, raw_len, .. } => {
                if let Err(why) = checked(job.tables, digest, raw_len, packed.clone()).await? {
                    tracing::warn!(host = %host.id, job = %job.job, why, "a result is broken");
                    return Ok(Answer::Now(Delivered::Broken));
                }
                (Outcome::Records(digest), raw_len, String::new())
            }
        };
        let result = ResultBytes { unit, host: host.id, outcome, packed, raw_len, message };
        Ok(Answer::Later(self.driver.deliver(host, result).await?))
    }
}

fn partial_key(host: HostId, head: &ResultHead) -> Option<PartialKey> {
    match head.returned {
        Returned::Records { digest, len, .. } => Some(PartialKey { host, digest, len }),
        Returned::Failed { .. } => None,
    }
}

/// Receives the rest of one result; what has come of it stays in `bytes`, however it ends.
async fn rest(
    key: PartialKey,
    bytes: &mut Bytes,
    stream: &mut QuicStream,
) -> anyhow::Result<Bytes> {
    let len = key.len as usize;
    if bytes.len() == len {
        return Ok(bytes.clone());
    }
    let mut packed = bytes.to_vec();
    let mut buffer = vec![0; READ_BYTES];
    while packed.len() < len {
        let want = READ_BYTES.min(len - packed.len());
        match stream.receive_some(&mut buffer[..want]).await {
            Ok(0) | Err(_) => {
                *bytes = packed.into();
                anyhow::bail!("a delivery was cut off");
            }
            Ok(read) => packed.extend_from_slice(&buffer[..read]),
        }
        crash_point!("server.result.part");
    }
    *bytes = packed.into();
    Ok(bytes.clone())
}

/// Whether the heads keep the limits of one delivery.
fn heads_fit(heads: &[ResultHead]) -> bool {
    let (mut total, mut largest) = (0_usize, 0);
    let each = heads.iter().all(|head| match &head.returned {
        Returned::Failed { message, .. } => message.len() <= MESSAGE_BYTES_MAX,
        Returned::Records { raw_len, len, .. } => {
            total = total.saturating_add(*len as usize);
            largest = largest.max(*len as usize);
            *raw_len <= RESULT_BYTES_MAX as u64 && *len as usize <= RESULT_BYTES_MAX
        }
    });
    let few = heads.len() <= TRANSFER_ITEMS_MAX;
    each && few && total - largest <= DELIVER_BYTES_MAX
}

/// Whether packed bytes are canonical records of these tables with this digest, off the async
/// threads. Where there is only one thread, as in simulations, no other could do it sooner, and what
/// follows must not depend on which is faster.
async fn checked(
    tables: &'static [Table],
    wanted: Digest,
    raw_len: u64,
    packed: Bytes,
) -> anyhow::Result<Result<(), String>> {
    let check = move || -> Result<(), String> {
        let raw = records::unpack(&packed, raw_len).map_err(|error| error.to_string())?;
        if digest(&raw) != wanted {
            return Err("its bytes have another digest".into());
        }
        records::decode(tables, &raw).map(drop).map_err(|error| error.to_string())
    };
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => Ok(check()),
        _ => Ok(tokio::task::spawn_blocking(check).await?),
    }
}
