//! What must be so once all faults have stopped, each within its time.

use std::time::Duration;

use gleaner_engine::effect::JobState;
use gleaner_engine::event::Event;
use gleaner_shared::id::JobId;
use gleaner_shared::limits::{IDLE_PATIENCE, STOP_PATIENCE};
use gleaner_shared::table::Row;
use gleaner_store::{RowsWish, Store};
use tokio::time::{Instant, sleep};

use crate::books::Inner;
use crate::keeper::ask;
use crate::network::millis;
use crate::path::Path;
use crate::report::Report;
use crate::stage::{SLICES, Stage, tables};
use crate::world::{Broken, FIRST, SECOND, World};

/// For hosts that were cut off: silence must be noticed first, on either side.
const BACK: Duration = millis(IDLE_PATIENCE.0 + 10_000);
/// For hosts that know that the server is gone, beside what a handshake takes on a narrow path.
const BACK_SOON: Duration = millis(2_000);
/// Bytes of some handshakes and a hello: tries that overlap share a narrow path.
const HANDSHAKE_BYTES: u64 = 30_000;
/// Bytes one way that a session and its end may cost beside what it was for: handshakes, all of a
/// narrow path's queue.
const SESSION_BYTES: u64 = 48 * 1024;
/// Bytes a second that a host without a session sends to get one.
const TRIES_BYTES: u64 = 8 * 1024;
/// For an answer on a sound connection: a way there and back, and two commits.
const ANSWER: Duration = millis(1_000);

pub(crate) fn all_open(books: &Inner) -> bool {
    books.hosts.iter().all(|host| host.is_open)
}

pub(crate) fn is(books: &Inner, job: JobId, state: JobState) -> bool {
    books.jobs.get(&job).is_some_and(|row| row.state == state)
}

impl World {
    /// The job of the storm ends, and everybody knows.
    pub(crate) async fn calm(&mut self) -> Result<(), Broken> {
        self.heal().await?;
        self.until("all hosts are back", BACK, all_open).await?;
        // Some may still speak to a server that has died; this one knows who is there.
        self.connected(self.hosts(), BACK).await?;
        let units = u64::from(SLICES) * u64::from(self.plan.copies);
        let work = Duration::from_millis(units * self.plan.pace_ms.1);
        // Transfers and computing run beside each other; either may be what holds up.
        let patience = work + millis(180_000);
        self.until("the job ends", patience, |books| is(books, FIRST, JobState::Done)).await?;
        let told = |books: &Inner| books.hosts.iter().all(|host| host.spooled.is_empty());
        self.until("each result has its receipt", millis(60_000), told).await?;
        self.whole(FIRST)?;
        self.frugal()?;
        self.rows().await
    }

    /// Idle, held, cancelled, cut, drained, ended.
    pub(crate) async fn after(&mut self) -> Result<(), Broken> {
        self.idle().await?;
        self.held_and_cancelled().await?;
        self.silent().await?;
        self.drained().await?;
        self.ended().await
    }

    /// Every unit is settled, by what the app gives for it, and no lease is left.
    fn whole(&self, job: JobId) -> Result<(), Broken> {
        let books = self.books.open();
        let row = books.jobs.get(&job).ok_or("the job is lost")?;
        let settled = books.settled.keys().filter(|unit| unit.job == job).count();
        if (row.merged, row.failed, settled) != (SLICES, 0, SLICES as usize) {
            return Err(format!("{settled} units are settled, and the job says {row:?}"));
        }
        let open = books.grants.iter().find(|(_, it)| it.job == job && books.open_units(it) > 0);
        open.map_or(Ok(()), |(grant, _)| Err(format!("grant {grant} has open leases at the end")))
    }

    /// What was cut went on where it stopped: not much more has travelled than had to.
    fn frugal(&self) -> Result<(), Broken> {
        let (books, [up, down]) = (self.books.open(), self.net.traffic().taken);
        let sessions: u64 = books.hosts.iter().map(|host| host.welcomes + host.losses).sum();
        let away: Duration = books.hosts.iter().map(|host| host.away).sum();
        let tries = away.as_secs() * TRIES_BYTES;
        let most = |bytes: u64| bytes + bytes / 10 + (sessions + 1) * SESSION_BYTES + tries;
        let (payloads, results) = (books.came_bytes, books.told_bytes);
        match down <= most(payloads) && up <= most(results) {
            true => Ok(()),
            false => Err(format!(
                "{down} bytes down for {payloads} of payloads, {up} up for {results} of results, \
                 in {sessions} sessions and {away:?} without"
            )),
        }
    }

    /// The database holds what one process alone would have counted.
    async fn rows(&self) -> Result<(), Broken> {
        let up = self.house.up.as_ref().ok_or("no server")?;
        let store = up.store.clone();
        let rows = ask(async move { all_rows(store).await })?;
        let wanted = &Stage::here().rows;
        match &rows == wanted {
            true => Ok(()),
            false => Err(format!("{} rows, {} are wanted, or others", rows.len(), wanted.len())),
        }
    }

    /// Nothing to do: connections stay, by their signs of life alone.
    async fn idle(&mut self) -> Result<(), Broken> {
        // Who was cut off when faults stopped knows it by then.
        sleep(BACK).await;
        let losses = |books: &Inner| books.hosts.iter().map(|host| host.losses).sum::<u64>();
        let (before, sent) = (losses(&self.books.open()), self.net.traffic());
        sleep(3 * millis(IDLE_PATIENCE.0)).await;
        self.sound()?;
        if losses(&self.books.open()) != before {
            return Err(format!("an idle connection was lost; {}", self.state()));
        }
        let sent = self.net.traffic().datagrams - sent.datagrams;
        let hosts = self.members.len() as u64;
        // Two datagrams for each sign of life, which comes each 1.5 s.
        let most = hosts * 2 * 3 * IDLE_PATIENCE.0 / 1_000;
        match sent > 0 && sent < most {
            true => Ok(()),
            false => Err(format!("{hosts} idle hosts cost {sent} datagrams, not 1 to {most}")),
        }
    }

    /// Requests that were held all the time are answered when there is work, and what is cancelled
    /// is taken back.
    async fn held_and_cancelled(&mut self) -> Result<(), Broken> {
        let hosts = self.members.len();
        self.submit(SECOND).await?;
        let granted =
            |books: &Inner| (0..hosts).all(|host| books.leased(books.hosts[host].id, SECOND) > 0);
        self.until("held requests are answered", ANSWER, granted).await?;
        let grants = |books: &Inner| books.hosts.iter().map(|it| it.grants).collect::<Vec<_>>();
        sleep(ANSWER).await;
        let heard = grants(&self.books.open());
        if heard.contains(&0) {
            return Err(format!("a host heard of no grant at all: {heard:?}"));
        }
        let (holding, before) = {
            let books = self.books.open();
            let of = |host: usize| books.leased(books.hosts[host].id, SECOND) > 1;
            let cancels: Vec<u64> = books.hosts.iter().map(|host| host.cancels).collect();
            ((0..hosts).filter(|host| of(*host)).collect::<Vec<_>>(), cancels)
        };
        let up = self.house.up.as_ref().ok_or("no server")?;
        if !up.serving.change(vec![Event::JobCancelled(SECOND)]).await {
            return Err("a job is not cancelled".into());
        }
        let cancelled =
            |books: &Inner| holding.iter().all(|host| books.hosts[*host].cancels > before[*host]);
        // The word waits behind the payloads that are on their way, and may be lost there: each
        // time that is noticed only after the queue, and it waits again.
        let queue = self.plan.paths.iter().map(Path::queue_time).max().unwrap_or_default();
        self.until("who holds leases hears of the end", ANSWER + 4 * queue, cancelled).await?;
        let told = |books: &Inner| books.hosts.iter().all(|host| host.spooled.is_empty());
        self.until("what was done is answered", millis(60_000), told).await?;
        let state = self.books.open().jobs.get(&SECOND).map(|row| row.state);
        match state {
            Some(JobState::Cancelled) => Ok(()),
            state => Err(format!("the job is {state:?}, not cancelled")),
        }
    }

    /// Silence ends a connection on both sides, and not before its time; then there is a new one.
    async fn silent(&mut self) -> Result<(), Broken> {
        let hosts = self.hosts();
        self.connected(hosts, ANSWER).await?;
        self.net.path(0, |path| path.cut = [true; 2]);
        let begun = Instant::now();
        // A server that says something into the silence begins to wait again, once (RFC 9000, 10.1).
        self.connected(hosts - 1, millis(2 * IDLE_PATIENCE.0 + 3_000)).await?;
        let lost = |books: &Inner| !books.hosts[0].is_open;
        self.until("the host notices", millis(2 * IDLE_PATIENCE.0), lost).await?;
        if begun.elapsed() < millis(IDLE_PATIENCE.0 - 3_000) {
            return Err(format!("silence ended a connection after {:?}", begun.elapsed()));
        }
        self.net.path(0, |path| path.cut = [false; 2]);
        self.until("the host is back", self.back_soon(), all_open).await.map(drop)
    }

    fn hosts(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    /// Within what time hosts are back that try to be.
    fn back_soon(&self) -> Duration {
        let narrowest = self.plan.paths.iter().map(|path| path.width).min().unwrap_or(1);
        BACK_SOON + millis(HANDSHAKE_BYTES / narrowest)
    }

    async fn connected(&self, wanted: u32, patience: Duration) -> Result<(), Broken> {
        let begun = Instant::now();
        let up = self.house.up.as_ref().ok_or("no server")?;
        loop {
            let now = up.serving.hosts_connected().await;
            if now == Some(wanted) {
                return Ok(());
            }
            if begun.elapsed() > patience {
                let state = self.state();
                return Err(format!("{now:?} hosts after {patience:?}, not {wanted}; {state}"));
            }
            sleep(millis(100)).await;
        }
    }

    /// A server that stops says so first, and its hosts are back as soon as it is.
    async fn drained(&mut self) -> Result<(), Broken> {
        let before: Vec<u64> = self.books.open().hosts.iter().map(|host| host.drains).collect();
        self.house.stop(&self.net).await;
        let drained = |books: &Inner| {
            books.hosts.iter().zip(&before).all(|(host, before)| host.drains > *before)
        };
        self.until("all hosts hear of the drain", ANSWER, drained).await?;
        let gone = |books: &Inner| books.hosts.iter().all(|host| !host.is_open);
        self.until("all connections are closed", ANSWER, gone).await?;
        sleep(millis(20_000)).await;
        self.house.start(&self.net, &self.books).await?;
        self.until("all hosts are back at once", self.back_soon(), all_open).await.map(drop)
    }

    /// Hosts end in time, and have nothing left.
    async fn ended(&mut self) -> Result<(), Broken> {
        for member in &mut self.members {
            let begun = Instant::now();
            member.stop().await;
            if begun.elapsed() > millis(STOP_PATIENCE.1.0 + 1_000) {
                return Err(format!("host {} took {:?} to end", member.index, begun.elapsed()));
            }
        }
        self.connected(0, ANSWER).await?;
        self.house.stop(&self.net).await;
        self.sound()
    }

    /// What there was.
    pub(crate) fn report(&self) -> Report {
        let (books, traffic) = (self.books.open(), self.net.traffic());
        let sum = |of: fn(&crate::books::HostBook) -> u64| books.hosts.iter().map(of).sum();
        Report {
            millis: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            datagrams: traffic.datagrams,
            lost: traffic.lost,
            bytes: traffic.bytes,
            batches: books.batches,
            refused: books.refused,
            units_granted: sum(|host| host.grants),
            receipts: sum(|host| host.receipts),
            sessions: sum(|host| host.welcomes),
            sessions_lost: sum(|host| host.losses),
            drains: sum(|host| host.drains),
            cancels: sum(|host| host.cancels),
            fetches_resumed: books.resumed.0,
            bytes_not_asked_for_again: books.resumed.1,
            payload_bytes: books.came_bytes,
            trace: traffic.trace ^ books.trace.rotate_left(32),
        }
    }
}

async fn all_rows(store: Store) -> Result<Vec<Row>, Broken> {
    let table = &tables()[0];
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let order_by = columns[..table.keys()].to_vec();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
    let wish = RowsWish { job: FIRST, table, columns, order_by };
    let (sent, all) = tokio::join!(store.rows(wish, sender), async {
        let mut all = Vec::new();
        while let Some(batch) = receiver.recv().await {
            all.extend(batch);
        }
        all
    });
    sent.map_err(|error| error.to_string()).map(|()| all)
}
