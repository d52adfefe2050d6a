//! Why a frame or raw bytes could not be sent or received.

use std::io;

use gleaner_shared::limits::FRAME_BYTES_MAX;
use gleaner_shared::wire::codec::CodecError;
use quinn::{ReadError, WriteError};

use crate::ended::Ended;

/// Why a stream gave or took no message.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The peer ended the stream where a message or bytes were due.
    #[error("the other side ended the stream where more was expected")]
    End,
    /// The peer ended the stream inside a frame or inside raw bytes.
    #[error("the other side ended the stream after {got} of {wanted} bytes")]
    Cut {
        /// Bytes that came.
        got: usize,
        /// Bytes that were due.
        wanted: usize,
    },
    /// A frame announces more than a frame may have.
    #[error("a frame of {0} bytes was announced; at most {FRAME_BYTES_MAX} are allowed")]
    TooLong(u32),
    /// A message's bytes are wrong, or it has too many.
    #[error(transparent)]
    Message(#[from] CodecError),
    /// The peer was silent, or did not read, for too long.
    #[error("the other side stalled")]
    Stalled,
    /// The peer gave the stream up (reset it, or wants to read no more); the connection stands.
    #[error("the other side gave the stream up")]
    GivenUp,
    /// The connection ended.
    #[error("{0}")]
    Lost(Ended),
    /// The system's, on a socket that is not QUIC.
    #[error("the socket failed: {0}")]
    Socket(io::Error),
    /// Raw bytes were asked for, or a new message, while a frame was only half received or sent.
    #[error("the stream is inside a frame")]
    InsideFrame,
}

impl From<io::Error> for LinkError {
    /// quinn hides its own error in the one that tokio's traits want.
    fn from(error: io::Error) -> Self {
        let inner = error.get_ref();
        let read = inner.and_then(|inner| inner.downcast_ref::<ReadError>());
        let written = inner.and_then(|inner| inner.downcast_ref::<WriteError>());
        match (read, written) {
            (Some(ReadError::ConnectionLost(lost)), _)
            | (_, Some(WriteError::ConnectionLost(lost))) => Self::Lost(lost.clone().into()),
            (Some(ReadError::Reset(_)), _) | (_, Some(WriteError::Stopped(_))) => Self::GivenUp,
            _ => Self::Socket(error),
        }
    }
}

impl From<quinn::ConnectionError> for LinkError {
    fn from(error: quinn::ConnectionError) -> Self {
        Self::Lost(error.into())
    }
}
