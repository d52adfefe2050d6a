//! A session begins, says something, ends.

use gleaner_link::{ConnectError, Connection};
use gleaner_shared::limits::{CLIENT_QUEUE, RETRY_PAUSE};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{Delivered, Hello, ToHost};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Host;
use super::event::{Fate, SessionEvent, SessionId};
use super::line::{Away, Line, Phase, Session, Told};
use crate::talk::dial::dial;
use crate::talk::session::session;
use crate::talk::span;
use crate::trouble::Trouble;

impl Host {
    pub(super) fn handle_connected(&mut self, connection: Connection) {
        self.sessions += 1;
        let id = SessionId(self.sessions);
        let hello = Hello {
            version: env!("CARGO_PKG_VERSION").into(),
            name: self.membership.name.clone(),
            threads: u16::try_from(self.threads.count()).unwrap_or(u16::MAX),
            leases: self.leases(),
        };
        let (words, spoken) = mpsc::channel(CLIENT_QUEUE);
        let mut tasks = JoinSet::new();
        tasks.spawn(session(connection.clone(), (id, hello), spoken, self.events.clone()));
        self.line = Line::Session(Session {
            id,
            connection,
            words,
            tasks,
            since: Instant::now(),
            phase: Phase::Hello,
            want: None,
            fetches: 0,
            deliveries: 0,
        });
    }

    /// There is no connection. A server that was never reached and shows another key, or speaks
    /// another version, is a mistake to mend; later it is an outage.
    pub(super) fn handle_not_connected(&mut self, error: ConnectError) -> Result<(), Trouble> {
        let fatal = matches!(error, ConnectError::WrongKey { .. } | ConnectError::Version { .. });
        if fatal && self.sessions == 0 {
            return Err(Trouble::of_connecting(&error));
        }
        if let Line::Away(away) = &mut self.line {
            if away.told == Told::No {
                tracing::warn!("{error}; work goes on, it is tried again");
                away.told = Told::Yes;
            }
            away.why = error.to_string();
        }
        Ok(())
    }

    pub(super) fn handle_session(
        &mut self,
        id: SessionId,
        event: SessionEvent,
    ) -> Result<(), Trouble> {
        match &self.line {
            Line::Session(session) if session.id == id => {}
            _ => {
                self.handle_past(event);
                return Ok(());
            }
        }
        match event {
            SessionEvent::Said(message) => return self.handle_said(message),
            SessionEvent::Lost(why) => self.handle_lost(&why),
            SessionEvent::Fetched(item, what) => self.handle_fetched(item, what),
            SessionEvent::FetchOver(left, over) => return self.handle_fetch_over(left, over),
            SessionEvent::DeliveryOver(fates, over) => {
                return self.handle_delivery_over(fates, over);
            }
        }
        Ok(())
    }

    /// Of a session that is over only receipts mean something: they came as it ended.
    fn handle_past(&mut self, event: SessionEvent) {
        let SessionEvent::DeliveryOver(fates, _) = event else { return };
        for (name, fate) in fates {
            if let Fate::Said(Delivered::Receipt(_)) = fate {
                self.settle(name, fate);
            }
        }
    }

    fn handle_said(&mut self, message: ToHost) -> Result<(), Trouble> {
        match message {
            ToHost::Welcome { version } => self.handle_welcome(&version),
            ToHost::Refused(refusal) => return self.handle_refused(refusal),
            ToHost::Grant(grant) => self.handle_grant(grant),
            ToHost::Cancel(leases) => self.handle_cancel(leases),
            ToHost::Drain => {
                tracing::info!("the server is about to stop; what is here is computed on");
                if let Line::Session(session) = &mut self.line {
                    session.phase = Phase::Draining;
                }
            }
        }
        Ok(())
    }

    fn handle_welcome(&mut self, version: &str) {
        tracing::info!("connected to {} ({version})", self.membership.address);
        if let Line::Session(session) = &mut self.line
            && session.phase == Phase::Hello
        {
            session.phase = Phase::Open;
        }
        self.times.renew = Some(Instant::now() + self.renew_every());
        self.times.deliver = None;
        self.times.fetch = None;
    }

    /// The server said no. What will not change by itself ends the process.
    pub(super) fn handle_refused(&mut self, refusal: Refusal) -> Result<(), Trouble> {
        match refusal {
            Refusal::NotJoined | Refusal::Banned | Refusal::NotAllowed => {
                Err(Trouble::of_refusal(refusal, &self.membership.address))
            }
            _ => {
                self.handle_lost(&refusal.to_string());
                Ok(())
            }
        }
    }

    /// The session is over: what was on its way begins again on the next.
    fn handle_lost(&mut self, why: &str) {
        tracing::warn!("no connection any more: {why}; work goes on, it is made again");
        self.hold.transfers_broke();
        self.outbox.transfers_broke();
        let lasted = self.line.is_open() && self.line.age() >= span(RETRY_PAUSE);
        match lasted {
            // The server may be back at once.
            true => self.backoff.reset(),
            false => self.backoff.failed(),
        }
        self.dial(why);
    }

    /// Makes connections until there is one.
    fn dial(&mut self, why: &str) {
        let task = dial(self.target.clone(), self.backoff, self.events.clone());
        let dialing = tokio::spawn(task).abort_handle();
        let away = Away { since: Instant::now(), why: why.into(), dialing, told: Told::No };
        // The old session's tasks end with it.
        if let Line::Session(session) = std::mem::replace(&mut self.line, Line::Away(away)) {
            session.connection.close(gleaner_link::Close::Done, "a new session follows");
        }
    }
}
