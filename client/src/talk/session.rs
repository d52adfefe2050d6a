//! The session stream: says hello, then passes messages both ways until either side ends it.

use gleaner_link::{Connection, LinkError, QuicReader, QuicWriter};
use gleaner_shared::limits::{FRAME_PATIENCE, SERVER_STOP_PATIENCE};
use gleaner_shared::measure::Millis;
use gleaner_shared::wire::stream::Open;
use gleaner_shared::wire::work::{FromHost, Hello, ToHost};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;

use super::span;
use crate::host::event::{Event, SessionEvent, SessionId};

/// Runs a session to its end, which is told too.
pub(crate) async fn session(
    connection: Connection,
    (id, hello): (SessionId, Hello),
    mut words: Receiver<FromHost>,
    events: Sender<Event>,
) {
    let why = match talk(&connection, (id, hello), &mut words, &events).await {
        Ok(()) => "this side ended the session".to_string(),
        Err(LinkError::End) => "the server ended the session".to_string(),
        Err(error) => error.to_string(),
    };
    // No reader is left only when the host has ended.
    let _ended = events.send(Event::Of(id, SessionEvent::Lost(why))).await;
}

async fn talk(
    connection: &Connection,
    (id, hello): (SessionId, Hello),
    words: &mut Receiver<FromHost>,
    events: &Sender<Event>,
) -> Result<(), LinkError> {
    let mut stream = connection.open().await?;
    stream.send(&Open::Session(hello)).await?;
    let first = stream.receive_within(FRAME_PATIENCE).await?;
    if events.send(Event::Of(id, SessionEvent::Said(first))).await.is_err() {
        return Ok(());
    }
    let (mut reader, mut writer) = stream.split();
    let mut drained = false;
    loop {
        let next = match next(&mut reader, words).await {
            Err(LinkError::End) if drained => return last_receipts(connection).await,
            next => next?,
        };
        match next {
            Next::Said(message) => {
                drained |= message == ToHost::Drain;
                if events.send(Event::Of(id, SessionEvent::Said(message))).await.is_err() {
                    return Ok(());
                }
            }
            Next::Say(word) => writer.send(&word).await?,
            Next::Quiet => return goodbye(connection, &mut writer).await,
        }
    }
}

enum Next {
    Said(ToHost),
    Say(FromHost),
    /// The host has nothing more to say.
    Quiet,
}

async fn next(reader: &mut QuicReader, words: &mut Receiver<FromHost>) -> Result<Next, LinkError> {
    tokio::select! {
        biased;
        said = reader.receive() => said.map(Next::Said),
        word = words.recv() => Ok(word.map_or(Next::Quiet, Next::Say)),
    }
}

/// A server that stops ends its sessions first, then what is under way: results that it has taken get
/// their receipts before it closes the connection.
async fn last_receipts(connection: &Connection) -> Result<(), LinkError> {
    let patience = Millis(SERVER_STOP_PATIENCE.0.0 + SERVER_STOP_PATIENCE.1.0);
    // A server that is cut off is gone all the same.
    let _late = timeout(span(patience), connection.closed()).await;
    Err(LinkError::End)
}

/// Ends the stream, and waits until the server has read to its end: it then closes the connection.
async fn goodbye(connection: &Connection, writer: &mut QuicWriter) -> Result<(), LinkError> {
    writer.finish().await?;
    connection.closed().await;
    Ok(())
}
