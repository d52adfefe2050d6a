//! The sending half of a framed stream. A peer that does not read is given up in time.

use core::fmt;

use gleaner_shared::wire::codec;
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::link_error::LinkError;
use crate::reader::{HEAD_BYTES, patience_for};

/// Sends messages and raw bytes.
pub struct Writer<W> {
    target: W,
    state: State,
}

/// Whether the stream may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    /// A frame or raw bytes were begun; if seen by a caller, that call was dropped or failed.
    Inside,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Of frames to `target`.
    pub fn new(target: W) -> Self {
        Self { target, state: State::Between }
    }

    /// Sends a message. Not cancel-safe: if it is dropped, the stream can send nothing more.
    ///
    /// # Errors
    /// A message over the limit (then nothing was sent), [`LinkError::Stalled`] if the peer does not
    /// read, or the connection's.
    pub async fn send<M: Serialize>(&mut self, message: &M) -> Result<(), LinkError> {
        let body = codec::encode(message)?;
        let len = u32::try_from(body.len()).expect("a frame's limit is far below 4 GiB");
        let mut frame = Vec::with_capacity(HEAD_BYTES + body.len());
        frame.extend_from_slice(&len.to_le_bytes());
        frame.extend_from_slice(&body);
        self.send_bytes(&frame).await
    }

    /// Sends raw bytes. Not cancel-safe: if it is dropped, the stream can send nothing more.
    ///
    /// # Errors
    /// [`LinkError::Stalled`] if the peer does not read, or the connection's.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        if self.state == State::Inside {
            return Err(LinkError::InsideFrame);
        }
        self.state = State::Inside;
        let written = timeout(patience_for(bytes.len()), self.target.write_all(bytes)).await;
        written.map_err(|_| LinkError::Stalled)??;
        self.state = State::Between;
        Ok(())
    }

    /// Ends this direction of the stream. What was sent still arrives, if the connection lasts.
    ///
    /// # Errors
    /// The connection's.
    pub async fn finish(&mut self) -> Result<(), LinkError> {
        Ok(self.target.shutdown().await?)
    }
}

impl<W> Writer<W> {
    /// The stream below.
    pub(crate) fn target_mut(&mut self) -> &mut W {
        &mut self.target
    }
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("state", &self.state).finish_non_exhaustive()
    }
}
