//! A session: the one stream of a connection on which work is asked for, granted and cancelled.

use gleaner_engine::event::Event;
use gleaner_failpoint::crash_point;
use gleaner_link::{Close, Connection, QuicReader, QuicStream, QuicWriter};
use gleaner_shared::id::{HostId, LeaseId};
use gleaner_shared::limits::{HOST_LEASES_MAX, NAME_BYTES_MAX};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{FromHost, Hello, ToHost};
use gleaner_store::StoreError;
use tokio::sync::mpsc;

use super::{Front, arrived};
use crate::driver::{Input, outbox, unix_seconds};
use crate::truth::Truth;

/// What wakes a session.
enum Woken {
    /// The host said something; an error ends the session.
    Said(Result<FromHost, gleaner_link::LinkError>),
    /// There is a message for it, or the driver has dropped the session.
    Posted(Option<ToHost>),
    /// The server stops.
    Stop,
}

impl<T: Truth> Front<T> {
    pub(super) async fn session(
        &self,
        connection: &Connection,
        hello: Hello,
        mut stream: QuicStream,
    ) -> anyhow::Result<()> {
        let fits = hello.leases.len() <= HOST_LEASES_MAX && hello.name.len() <= NAME_BYTES_MAX;
        let worker =
            if fits { self.host(connection.peer()).await? } else { Err(Refusal::Malformed) };
        let worker = match worker {
            Ok(worker) => worker,
            Err(refusal) => {
                stream.send(&ToHost::Refused(refusal)).await?;
                stream.finish().await?;
                return Ok(());
            }
        };
        connection.widen();
        let seen = self.store.host_seen(worker.host.id, &hello.name, unix_seconds()).await;
        if let Err(StoreError::Full) = seen {
            stream.send(&ToHost::Refused(Refusal::Full)).await?;
            return Ok(stream.finish().await?);
        }
        seen?;
        let version = env!("CARGO_PKG_VERSION").into();
        stream.send(&ToHost::Welcome { version }).await?;
        let Hello { threads, leases, .. } = hello;
        let event = Event::HostConnected { host: worker.host, threads, leases };
        self.work(connection, worker.host.id, event, stream).await
    }

    async fn work(
        &self,
        connection: &Connection,
        host: HostId,
        event: Event,
        stream: QuicStream,
    ) -> anyhow::Result<()> {
        let session = self.session_next();
        let (sender, messages) = outbox();
        self.driver.send(Input::Begin { session, event, host, outbox: sender }).await?;
        let (reader, writer) = stream.split();
        let talked = self.talk(host, reader, writer, messages).await;
        // A stopping server lets the other streams end first.
        if !self.stop.is_cancelled() {
            connection.close(Close::Done, "the session is over");
        }
        // The driver may be gone already, and then there is nothing to end.
        let _gone = self.driver.send(Input::End { session, host }).await;
        talked
    }

    async fn talk(
        &self,
        host: HostId,
        mut reader: QuicReader,
        mut writer: QuicWriter,
        mut messages: mpsc::Receiver<ToHost>,
    ) -> anyhow::Result<()> {
        loop {
            // In this order, so that a host that talks without end still hears what it is told.
            let woken = tokio::select! {
                biased;
                () = self.stop.cancelled() => Woken::Stop,
                posted = messages.recv() => Woken::Posted(posted),
                said = reader.receive() => Woken::Said(said),
            };
            match woken {
                Woken::Said(said) => {
                    let Some(event) = event(host, said?) else { return Ok(()) };
                    self.driver.send(Input::Event(event)).await?;
                }
                Woken::Posted(Some(message)) => writer.send(&message).await?,
                Woken::Posted(None) => return Ok(()),
                Woken::Stop => {
                    writer.send(&ToHost::Drain).await?;
                    crash_point!("server.stop.drain");
                    writer.finish().await?;
                    arrived(&mut writer).await;
                    return Ok(());
                }
            }
        }
    }
}

/// What a host said, as an event; none if it breaks a limit.
fn event(host: HostId, said: FromHost) -> Option<Event> {
    let few = |leases: &Vec<LeaseId>| leases.len() <= HOST_LEASES_MAX;
    match said {
        FromHost::Want { request, units } => Some(Event::Wanted { host, request, units }),
        FromHost::Renew(leases) => few(&leases).then_some(Event::Renewed { host, leases }),
        FromHost::Release(leases) => few(&leases).then_some(Event::Released { host, leases }),
    }
}
