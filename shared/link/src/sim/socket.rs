//! A UDP socket of a played network, as QUIC wants it.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Runtime, TokioRuntime, UdpPoller};

/// Datagrams that wait in a socket; a system drops what is more, and so does this one.
const INBOX_DATAGRAMS: usize = 512;

/// What carries datagrams.
pub trait Network: fmt::Debug + Send + Sync + 'static {
    /// A datagram leaves a socket. Whether and when it arrives is the network's business.
    fn carry(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]);
}

/// A socket. The network puts into it what arrives.
#[derive(Debug)]
pub struct Socket {
    network: Arc<dyn Network>,
    address: SocketAddr,
    inbox: Mutex<Inbox>,
}

#[derive(Debug, Default)]
struct Inbox {
    datagrams: VecDeque<(SocketAddr, Vec<u8>)>,
    waker: Option<Waker>,
}

impl Socket {
    /// A socket with that address.
    pub fn new(network: Arc<dyn Network>, address: SocketAddr) -> Arc<Self> {
        Arc::new(Self { network, address, inbox: Mutex::default() })
    }

    /// A datagram has arrived.
    pub fn arrive(&self, from: SocketAddr, bytes: Vec<u8>) {
        let mut inbox = self.inbox();
        if inbox.datagrams.len() < INBOX_DATAGRAMS {
            inbox.datagrams.push_back((from, bytes));
        }
        if let Some(waker) = inbox.waker.take() {
            waker.wake();
        }
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Writable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.network.carry(self.address, transmit.destination, transmit.contents);
        Ok(())
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut inbox = self.inbox();
        let mut read = 0;
        for (buffer, meta) in buffers.iter_mut().zip(meta) {
            let Some((from, bytes)) = inbox.datagrams.pop_front() else { break };
            let len = bytes.len().min(buffer.len());
            buffer[..len].copy_from_slice(&bytes[..len]);
            *meta = RecvMeta { addr: from, len, stride: len, ecn: None, dst_ip: None };
            read += 1;
        }
        if read > 0 {
            return Poll::Ready(Ok(read));
        }
        inbox.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

/// The network always takes a datagram.
#[derive(Debug)]
struct Writable;

impl UdpPoller for Writable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Timers and tasks are tokio's, whose clock the simulation holds.
pub(crate) fn runtime() -> Arc<dyn Runtime> {
    Arc::new(TokioRuntime)
}
