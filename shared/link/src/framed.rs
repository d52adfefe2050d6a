//! Both halves of a framed stream, over any pair of byte streams. A Unix socket of the same machine
//! speaks as QUIC does.

use gleaner_shared::measure::Millis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(unix)]
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::link_error::LinkError;
use crate::reader::Reader;
use crate::writer::Writer;

/// A stream of messages both ways.
#[derive(Debug)]
pub struct Framed<R, W> {
    reader: Reader<R>,
    writer: Writer<W>,
}

/// Frames over a Unix socket.
#[cfg(unix)]
pub type UnixFramed = Framed<OwnedReadHalf, OwnedWriteHalf>;
/// Its receiving half.
#[cfg(unix)]
pub type UnixReader = Reader<OwnedReadHalf>;
/// Its sending half.
#[cfg(unix)]
pub type UnixWriter = Writer<OwnedWriteHalf>;

/// Frames over a Unix socket.
#[cfg(unix)]
pub fn unix_framed(socket: UnixStream) -> UnixFramed {
    let (source, target) = socket.into_split();
    Framed::new(source, target)
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Framed<R, W> {
    /// Frames from `source` and to `target`.
    pub fn new(source: R, target: W) -> Self {
        Self { reader: Reader::new(source), writer: Writer::new(target) }
    }

    /// The halves, for two tasks.
    pub fn split(self) -> (Reader<R>, Writer<W>) {
        (self.reader, self.writer)
    }

    /// The halves, for two arms of one `select!`.
    pub fn halves(&mut self) -> (&mut Reader<R>, &mut Writer<W>) {
        (&mut self.reader, &mut self.writer)
    }

    /// See [`Writer::send`].
    ///
    /// # Errors
    /// As there.
    pub async fn send<M: Serialize>(&mut self, message: &M) -> Result<(), LinkError> {
        self.writer.send(message).await
    }

    /// See [`Writer::send_bytes`].
    ///
    /// # Errors
    /// As there.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.writer.send_bytes(bytes).await
    }

    /// See [`Writer::finish`].
    ///
    /// # Errors
    /// As there.
    pub async fn finish(&mut self) -> Result<(), LinkError> {
        self.writer.finish().await
    }

    /// See [`Reader::receive`].
    ///
    /// # Errors
    /// As there.
    pub async fn receive<M: DeserializeOwned>(&mut self) -> Result<M, LinkError> {
        self.reader.receive().await
    }

    /// See [`Reader::receive_or_end`].
    ///
    /// # Errors
    /// As there.
    pub async fn receive_or_end<M: DeserializeOwned>(&mut self) -> Result<Option<M>, LinkError> {
        self.reader.receive_or_end().await
    }

    /// See [`Reader::receive_within`].
    ///
    /// # Errors
    /// As there.
    pub async fn receive_within<M: DeserializeOwned>(
        &mut self,
        patience: Millis,
    ) -> Result<M, LinkError> {
        self.reader.receive_within(patience).await
    }

    /// See [`Reader::receive_bytes`].
    ///
    /// # Errors
    /// As there.
    pub async fn receive_bytes(&mut self, bytes: &mut [u8]) -> Result<(), LinkError> {
        self.reader.receive_bytes(bytes).await
    }

    /// See [`Reader::receive_some`].
    ///
    /// # Errors
    /// As there.
    pub async fn receive_some(&mut self, bytes: &mut [u8]) -> Result<usize, LinkError> {
        self.reader.receive_some(bytes).await
    }
}
