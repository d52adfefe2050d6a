//! Delivering results: one stream for some of them, each resumed where the server stopped. A result
//! is forgotten by the host only when the server has said what became of it.

use gleaner_failpoint::crash_point;
use gleaner_link::{Connection, LinkError};
use gleaner_shared::limits::{FRAME_PATIENCE, RECEIPT_PATIENCE};
use gleaner_shared::wire::stream::Open;
use gleaner_shared::wire::work::{DeliverReply, ResultHead};
use tokio::sync::mpsc::Sender;

use crate::disk::spool::{Name, Spool, SpoolError};
use crate::host::event::{Event, Fate, Over, SessionEvent, SessionId};

/// A result that was read from the spool and checked.
struct Loaded {
    head: ResultHead,
    packed: Vec<u8>,
}

/// Delivers results, which fit one delivery, and tells what became of each.
pub(crate) async fn deliver(
    connection: Connection,
    (id, names): (SessionId, Vec<Name>),
    spool: Spool,
    events: Sender<Event>,
) {
    let mut fates: Vec<(Name, Fate)> = Vec::new();
    let (mut sent, mut loaded) = (Vec::new(), Vec::new());
    for name in names {
        match spool.read(&name) {
            Ok((entry, packed)) => {
                sent.push(name);
                loaded.push(Loaded { head: entry.head, packed });
            }
            Err(error @ SpoolError::Damaged { .. }) => {
                fates.push((name, Fate::Damaged(error.to_string())));
            }
            Err(error @ SpoolError::Io { .. }) => {
                tracing::warn!("{error}");
                fates.push((name, Fate::Waits));
            }
        }
    }
    let (said, over) = send(&connection, &loaded).await;
    let said = said.into_iter().chain(std::iter::repeat_with(|| Fate::Waits));
    fates.extend(sent.into_iter().zip(said));
    // No reader is left only when the host has ended.
    let _ended = events.send(Event::Of(id, SessionEvent::DeliveryOver(fates, over))).await;
}

async fn send(connection: &Connection, results: &[Loaded]) -> (Vec<Fate>, Over) {
    if results.is_empty() {
        return (Vec::new(), Over::Done);
    }
    match exchange(connection, results).await {
        Ok(DeliverReply::Receipts(said)) if said.len() == results.len() => {
            (said.into_iter().map(Fate::Said).collect(), Over::Done)
        }
        Ok(DeliverReply::Refused(refusal)) => (Vec::new(), Over::Refused(refusal)),
        Ok(_) => (Vec::new(), Over::Broke("the server's answer does not fit".into())),
        Err(error) => (Vec::new(), Over::Broke(error.to_string())),
    }
}

async fn exchange(connection: &Connection, results: &[Loaded]) -> Result<DeliverReply, LinkError> {
    let mut stream = connection.open().await?;
    let heads = results.iter().map(|result| result.head.clone()).collect();
    stream.send(&Open::Deliver(heads)).await?;
    let offsets = match stream.receive_within(FRAME_PATIENCE).await? {
        DeliverReply::Resume(offsets) if offsets.len() == results.len() => offsets,
        reply => return Ok(reply),
    };
    for (offset, result) in offsets.into_iter().zip(results) {
        let rest = usize::try_from(offset).ok().and_then(|offset| result.packed.get(offset..));
        // An offset beyond the end is the server's mistake; it gets nothing and says so.
        stream.send_bytes(rest.unwrap_or_default()).await?;
        crash_point!("client.deliver.half");
    }
    stream.finish().await?;
    crash_point!("client.deliver.sent");
    stream.receive_within(RECEIPT_PATIENCE).await
}
