//! The receiving half of a framed stream. Memory follows what arrived, never what was announced.
//!
//! `receive` keeps a half-received frame in itself, so it may be dropped in a `select!` and called
//! again; nothing is lost.

use core::fmt;

use gleaner_shared::limits::{
    FRAME_BYTES_MAX, FRAME_PATIENCE, FRAME_STEP_BYTES, TRANSFER_RATE_MIN,
};
use gleaner_shared::measure::Millis;
use gleaner_shared::wire::codec;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::link_error::LinkError;
use crate::transport::span;

/// Bytes before each message: its length, little-endian.
pub(crate) const HEAD_BYTES: usize = 4;

/// Receives messages and raw bytes, in the order in which the peer sent them.
pub struct Reader<R> {
    source: R,
    /// What has come of the current frame, head and body; empty between two frames.
    frame: Vec<u8>,
    /// When the current frame must be whole; set by its first byte.
    whole_by: Option<Instant>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Of frames from `source`.
    pub fn new(source: R) -> Self {
        Self { source, frame: Vec::new(), whole_by: None }
    }

    /// The next message. Waits for its first byte for ever, for the rest for
    /// [`FRAME_PATIENCE`]. Cancel-safe.
    ///
    /// # Errors
    /// [`LinkError::End`] at the end of the stream, and all that a peer can do wrong. After an
    /// error the stream is of no more use.
    pub async fn receive<M: DeserializeOwned>(&mut self) -> Result<M, LinkError> {
        self.receive_or_end().await?.ok_or(LinkError::End)
    }

    /// Like [`Reader::receive`]; `None` if the peer ended the stream after a whole message.
    ///
    /// # Errors
    /// As [`Reader::receive`].
    pub async fn receive_or_end<M: DeserializeOwned>(&mut self) -> Result<Option<M>, LinkError> {
        if !self.fill_to(HEAD_BYTES).await? {
            return Ok(None);
        }
        let head = *self.frame.first_chunk().expect("the head has come");
        let len = u32::from_le_bytes(head);
        if len as usize > FRAME_BYTES_MAX {
            return Err(LinkError::TooLong(len));
        }
        self.fill_to(HEAD_BYTES + len as usize).await?;
        let message = codec::decode(&self.frame[HEAD_BYTES..]);
        self.whole_by = None;
        self.frame.clear();
        // A stream that waits must not keep the memory of the largest frame that it ever had.
        self.frame.shrink_to(FRAME_STEP_BYTES);
        Ok(Some(message?))
    }

    /// Like [`Reader::receive`], but waits for the first byte only so long. Cancel-safe.
    ///
    /// # Errors
    /// [`LinkError::Stalled`] if nothing comes; else as [`Reader::receive`].
    pub async fn receive_within<M: DeserializeOwned>(
        &mut self,
        patience: Millis,
    ) -> Result<M, LinkError> {
        if !timeout(span(patience), self.fill_to(1)).await.map_err(|_| LinkError::Stalled)?? {
            return Err(LinkError::End);
        }
        self.receive().await
    }

    /// Fills `bytes` with raw bytes. They must come at [`TRANSFER_RATE_MIN`] at least, after a grace
    /// of [`FRAME_PATIENCE`]. Not cancel-safe: what came of them is lost.
    ///
    /// # Errors
    /// [`LinkError::Cut`] if the stream ends before, [`LinkError::Stalled`], or the connection's.
    pub async fn receive_bytes(&mut self, bytes: &mut [u8]) -> Result<(), LinkError> {
        let wanted = bytes.len();
        let whole_by = Instant::now() + patience_for(wanted);
        let mut got = 0;
        while got < wanted {
            let came = timeout_at(whole_by, self.receive_some(&mut bytes[got..])).await;
            match came.map_err(|_| LinkError::Stalled)?? {
                0 => return Err(LinkError::Cut { got, wanted }),
                more => got += more,
            }
        }
        Ok(())
    }

    /// Some raw bytes: as many as are there, at most all of `bytes`; 0 at the end of the stream or
    /// if `bytes` is empty. Waits for at most [`FRAME_PATIENCE`]. Cancel-safe.
    ///
    /// # Errors
    /// [`LinkError::Stalled`], or the connection's.
    pub async fn receive_some(&mut self, bytes: &mut [u8]) -> Result<usize, LinkError> {
        if !self.frame.is_empty() {
            return Err(LinkError::InsideFrame);
        }
        let read = timeout(span(FRAME_PATIENCE), self.source.read(bytes)).await;
        Ok(read.map_err(|_| LinkError::Stalled)??)
    }

    /// Reads until so many bytes of the current frame are there. `false` if the stream ends before
    /// the frame's first byte.
    async fn fill_to(&mut self, len: usize) -> Result<bool, LinkError> {
        while self.frame.len() < len {
            let missing = len - self.frame.len();
            self.frame.reserve(missing.min(FRAME_STEP_BYTES));
            let mut rest = (&mut self.source).take(missing as u64);
            let read = rest.read_buf(&mut self.frame);
            let came = match self.whole_by {
                None => read.await?,
                Some(at) => timeout_at(at, read).await.map_err(|_| LinkError::Stalled)??,
            };
            match (came, self.frame.len()) {
                (0, 0) => return Ok(false),
                (0, got) => return Err(LinkError::Cut { got, wanted: len }),
                _ if self.whole_by.is_none() => {
                    self.whole_by = Some(Instant::now() + span(FRAME_PATIENCE));
                }
                _ => {}
            }
        }
        Ok(true)
    }
}

/// How long so many bytes may take.
pub(crate) fn patience_for(bytes: usize) -> core::time::Duration {
    let transfer = Millis::from_seconds(bytes as u64 / TRANSFER_RATE_MIN);
    span(FRAME_PATIENCE) + span(transfer)
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("frame_bytes", &self.frame.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
