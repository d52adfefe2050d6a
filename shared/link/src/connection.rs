//! An established connection: whose it is, its streams, its end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use gleaner_shared::id::HostId;
use gleaner_shared::limits::PEER_WINDOW_BYTES;
use quinn::{RecvStream, SendStream, WriteError};
use rustls::pki_types::CertificateDer;

use crate::ended::{Close, Ended, cut};
use crate::framed::Framed;
use crate::gate::Ticket;
use crate::link_error::LinkError;
use crate::reader::Reader;
use crate::verify;
use crate::writer::Writer;

/// Frames over one QUIC stream. Dropping it ends what was sent and asks the peer to send no more.
pub type QuicStream = Framed<RecvStream, SendStream>;
/// Its receiving half.
pub type QuicReader = Reader<RecvStream>;
/// Its sending half.
pub type QuicWriter = Writer<SendStream>;

/// A connection to a peer that has proven its key. Cheap to clone; it is closed with
/// [`Close::Done`] when all clones and all its streams are dropped.
#[derive(Clone, Debug)]
pub struct Connection {
    quic: quinn::Connection,
    peer: HostId,
    /// On the server, the place that the connection takes. Held, never read.
    _ticket: Option<Arc<Ticket>>,
}

impl Connection {
    /// Of a handshake that is done; `None` if the peer showed no key, which no verifier here lets
    /// happen.
    pub(crate) fn new(quic: quinn::Connection, ticket: Option<Ticket>) -> Option<Self> {
        let keys = quic.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
        let (key, others) = keys.split_first()?;
        let peer = verify::peer_id(key, others).ok()?;
        Some(Self { quic, peer, _ticket: ticket.map(Arc::new) })
    }

    /// The key at the other end. What it may do is for the caller to decide, on each connection.
    pub fn peer(&self) -> HostId {
        self.peer
    }

    /// Where the peer is now; it may move (RFC 9000, section 9).
    pub fn remote(&self) -> SocketAddr {
        let address = self.quic.remote_address();
        SocketAddr::new(address.ip().to_canonical(), address.port())
    }

    /// A new stream to the peer, which sees it with the first bytes sent. Waits while
    /// [`gleaner_shared::limits::STREAMS_MAX`] streams are open.
    ///
    /// # Errors
    /// [`LinkError::Lost`].
    pub async fn open(&self) -> Result<QuicStream, LinkError> {
        let (target, source) = self.quic.open_bi().await?;
        Ok(Framed::new(source, target))
    }

    /// The next stream that the peer opens. Cancel-safe.
    ///
    /// # Errors
    /// [`LinkError::Lost`], always in the end.
    pub async fn accept(&self) -> Result<QuicStream, LinkError> {
        let (target, source) = self.quic.accept_bi().await?;
        Ok(Framed::new(source, target))
    }

    /// Lets a peer that is known by now send ahead as much as [`PEER_WINDOW_BYTES`]. A server calls
    /// it once the key is found to be of a host or an admin; without it uploads are slow.
    pub fn widen(&self) {
        self.quic.set_receive_window(PEER_WINDOW_BYTES.into());
    }

    /// Closes the connection now, with all its streams; what is on its way may be lost. The reason
    /// is cut to [`gleaner_shared::limits::CLOSE_REASON_BYTES_MAX`].
    pub fn close(&self, close: Close, reason: &str) {
        self.quic.close(close.code(), cut(reason).as_bytes());
    }

    /// Waits for the end of the connection. Cancel-safe.
    pub async fn closed(&self) -> Ended {
        self.quic.closed().await.into()
    }

    /// How the connection ended, if it has.
    pub fn ended(&self) -> Option<Ended> {
        self.quic.close_reason().map(Ended::from)
    }
}

impl Writer<SendStream> {
    /// Waits until the peer has all that was sent before [`Writer::finish`]: before closing a
    /// connection with a last word on it.
    ///
    /// # Errors
    /// [`LinkError::GivenUp`] if the peer does not want it, or the connection's.
    pub async fn arrived(&mut self) -> Result<(), LinkError> {
        match self.target_mut().stopped().await {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(LinkError::GivenUp),
            Err(error) => Err(io::Error::from(WriteError::from(error)).into()),
        }
    }
}
