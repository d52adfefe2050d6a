//! Fetching payloads and artefacts: one stream for some items, each resumed where it stopped.

use gleaner_link::{Connection, LinkError, QuicStream};
use gleaner_shared::limits::FRAME_PATIENCE;
use gleaner_shared::wire::stream::Open;
use gleaner_shared::wire::work::{FetchItem, ItemHead};
use tokio::sync::mpsc::Sender;

use crate::disk::blobs::{Blobs, Item, Part, PartError};
use crate::host::event::{Event, Fetch, Over, SessionEvent, SessionId};
use crate::host::hold::Order;

/// Bytes taken from the stream at once.
const READ_BYTES: usize = 64 * 1024;

/// Fetches the items in order, at most `TRANSFER_ITEMS_MAX`, and tells of each.
pub(crate) async fn fetch(
    connection: Connection,
    (id, orders): (SessionId, Vec<Order>),
    blobs: Blobs,
    events: Sender<Event>,
) {
    let mut tell = Tell { id, events, left: orders.iter().map(|order| order.item).collect() };
    let over = match all(&connection, orders, &blobs, &mut tell).await {
        Ok(over) => over,
        Err(error) => Over::Broke(error.to_string()),
    };
    let left = std::mem::take(&mut tell.left);
    tell.say(SessionEvent::FetchOver(left, over)).await;
}

struct Tell {
    id: SessionId,
    events: Sender<Event>,
    /// Items not told of yet.
    left: Vec<Item>,
}

impl Tell {
    async fn say(&self, event: SessionEvent) {
        // No reader is left only when the host has ended.
        let _ended = self.events.send(Event::Of(self.id, event)).await;
    }

    async fn came(&mut self, item: Item, what: Fetch) {
        self.left.retain(|left| *left != item);
        self.say(SessionEvent::Fetched(item, what)).await;
    }
}

async fn all(
    connection: &Connection,
    orders: Vec<Order>,
    blobs: &Blobs,
    tell: &mut Tell,
) -> Result<Over, LinkError> {
    let mut parts = Vec::new();
    for order in orders {
        if blobs.has(order.item, order.len) {
            // It came at the end of an earlier session.
            tell.came(order.item, Fetch::Here).await;
            continue;
        }
        match blobs.resume(order.item, order.len) {
            Ok(part) => parts.push((order, part)),
            Err(error) => tell.came(order.item, Fetch::Disk(error.to_string())).await,
        }
    }
    if parts.is_empty() {
        return Ok(Over::Done);
    }
    let item = |(order, part): &(Order, Part)| FetchItem {
        what: order.item.fetched(),
        offset: part.have(),
    };
    let mut stream = connection.open().await?;
    stream.send(&Open::Fetch(parts.iter().map(item).collect())).await?;
    stream.finish().await?;
    for (order, part) in parts {
        match stream.receive_within::<ItemHead>(FRAME_PATIENCE).await? {
            ItemHead::Found { len } => {
                let what = one(&mut stream, (order, len), part).await?;
                tell.came(order.item, what).await;
            }
            ItemHead::Missing => tell.came(order.item, Fetch::Missing).await,
            ItemHead::Refused(refusal) => return Ok(Over::Refused(refusal)),
        }
    }
    Ok(Over::Done)
}

/// Receives one item. Bytes that the disk does not take are received and dropped, because the next
/// item follows them.
async fn one(
    stream: &mut QuicStream,
    (order, len): (Order, u64),
    mut part: Part,
) -> Result<Fetch, LinkError> {
    let mut rest = len.saturating_sub(part.have());
    let mut what = if len == order.len { None } else { Some(Fetch::Missing) };
    let mut buffer = vec![0; READ_BYTES];
    while rest > 0 {
        let most = usize::try_from(rest).unwrap_or(READ_BYTES).min(READ_BYTES);
        let read = stream.receive_some(&mut buffer[..most]).await?;
        if read == 0 {
            return Err(LinkError::End);
        }
        rest -= read as u64;
        if what.is_none() {
            what = part.push(&buffer[..read]).err().map(not_taken);
        }
    }
    Ok(what.unwrap_or_else(|| part.finish().err().map_or(Fetch::Here, not_taken)))
}

fn not_taken(error: PartError) -> Fetch {
    match error {
        PartError::Damaged => Fetch::Damaged,
        PartError::Disk(error) => Fetch::Disk(error.to_string()),
    }
}
