//! What comes of fetching and delivering.

use gleaner_failpoint::crash_point;
use gleaner_shared::limits::RETRY_PAUSE;
use gleaner_shared::wire::work::Delivered;
use tokio::time::Instant;

use super::Host;
use super::event::{Fate, Fetch, Over};
use super::line::Line;
use crate::disk::blobs::Item;
use crate::disk::spool::Name;
use crate::talk::span;
use crate::trouble::Trouble;

impl Host {
    pub(super) fn handle_fetched(&mut self, item: Item, what: Fetch) {
        if !self.hold.needs(item) {
            // Its units went while it came.
            if let Err(error) = self.blobs.remove(item) {
                tracing::warn!("what is not needed any more cannot be removed: {error}");
            }
            return;
        }
        match what {
            Fetch::Here => {
                self.hold.came(item);
                self.trim_artefacts(item);
            }
            Fetch::Missing => {
                tracing::warn!("the server has no {item:?}; its units are handed back");
                self.times.want = Some(Instant::now() + span(RETRY_PAUSE));
                let users = self.hold.users(item);
                self.release(users);
            }
            Fetch::Damaged => {
                tracing::warn!("{item:?} came with damage; it is fetched again");
                let given_up = self.hold.spoiled(item);
                self.release(given_up);
            }
            Fetch::Disk(why) => {
                self.hold.lost(item);
                self.times.fetch = Some(Instant::now() + span(RETRY_PAUSE));
                self.disk_refused(&why);
            }
        }
    }

    fn trim_artefacts(&self, item: Item) {
        if let Item::Artefact(_) = item {
            let most = gleaner_shared::limits::ARTEFACTS_KEPT_MAX;
            let in_use = |digest| self.hold.needs(Item::Artefact(digest));
            if let Err(error) = self.blobs.trim_artefacts(most, in_use) {
                tracing::warn!("old artefacts cannot be removed: {error}");
            }
        }
    }

    pub(super) fn handle_fetch_over(&mut self, left: Vec<Item>, over: Over) -> Result<(), Trouble> {
        if let Line::Session(session) = &mut self.line {
            session.fetches = session.fetches.saturating_sub(1);
        }
        for item in left {
            self.hold.lost(item);
        }
        match over {
            Over::Done => {}
            Over::Refused(refusal) => return self.handle_refused(refusal),
            Over::Broke(why) => {
                tracing::debug!("a transfer broke: {why}");
                self.times.fetch = Some(Instant::now() + span(RETRY_PAUSE));
            }
        }
        Ok(())
    }

    pub(super) fn handle_delivery_over(
        &mut self,
        fates: Vec<(Name, Fate)>,
        over: Over,
    ) -> Result<(), Trouble> {
        if let Line::Session(session) = &mut self.line {
            session.deliveries = session.deliveries.saturating_sub(1);
        }
        let waits: Vec<Name> =
            fates.into_iter().filter_map(|(name, fate)| self.settle(name, fate)).collect();
        if !waits.is_empty() {
            self.times.deliver = Some(Instant::now() + span(RETRY_PAUSE));
            self.outbox.wait_again(waits);
        }
        match over {
            Over::Done => Ok(()),
            Over::Refused(refusal) => self.handle_refused(refusal),
            Over::Broke(why) => {
                tracing::debug!("a delivery broke: {why}");
                Ok(())
            }
        }
    }

    /// What became of one result; its name, if it must wait.
    pub(super) fn settle(&mut self, name: Name, fate: Fate) -> Option<Name> {
        match fate {
            Fate::Said(Delivered::Receipt(receipt)) => {
                crash_point!("client.receipt.received");
                tracing::debug!("result {name:?}: {receipt:?}");
                self.done.total += 1;
                self.forget(&name);
            }
            Fate::Said(Delivered::Broken) => {
                tracing::error!("the server calls result {name:?} broken; it is dropped");
                self.forget(&name);
            }
            Fate::Said(Delivered::Again(refusal)) => {
                tracing::debug!("result {name:?} waits: {refusal}");
                return Some(name);
            }
            Fate::Damaged(why) => {
                tracing::error!("{why}");
                let lease = self.outbox.forget(&name);
                self.release(lease.into_iter().collect());
            }
            Fate::Waits => return Some(name),
        }
        None
    }

    fn forget(&mut self, name: &Name) {
        self.outbox.forget(name);
        if let Err(error) = self.spool.remove(name) {
            tracing::warn!("a delivered result cannot be removed: {error}");
        }
    }
}
