//! The beginning: what an earlier process left on the disk is taken up again.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use gleaner_shared::id::LeaseId;
use tokio::sync::mpsc::Sender;

use super::buffer::Paces;
use super::event::Event;
use super::hold::Hold;
use super::line::{Away, Line, Told};
use super::outbox::Outbox;
use super::pump::DONE_FILE;
use super::stop::Mode;
use super::times::Times;
use super::trouble_on_disk::DiskState;
use super::{Done, Host, Options};
use crate::compute::threads::Threads;
use crate::disk::blobs::{Blobs, Item};
use crate::disk::folder::Folder;
use crate::disk::grants::{Found, Grants};
use crate::disk::marks::{Mark, Past};
use crate::disk::membership::Membership;
use crate::disk::spool::Spool;
use crate::talk::backoff::Backoff;
use crate::talk::dial::{Target, dial};

impl Host {
    /// With what is in the folder, whose lock the caller holds; begins to connect. Needs a runtime.
    /// The threads say what they made to the same events.
    pub(crate) fn begin(
        options: Options,
        (folder, membership): (&Folder, Membership),
        (target, threads): (Target, Threads),
        events: Sender<Event>,
    ) -> io::Result<Self> {
        folder.sweep()?;
        let spool = Spool::new(folder);
        let (entries, damaged) = spool.scan()?;
        for error in damaged {
            tracing::error!("{error}");
        }
        let mut outbox = Outbox::default();
        for entry in &entries {
            outbox.add(entry.name(), entry);
        }
        let (grants, found, damaged) = Grants::load(folder)?;
        if damaged > 0 {
            tracing::error!(
                "{damaged} grants were damaged on disk; the server gives their work anew"
            );
        }
        let dialing = dial(target.clone(), Backoff::default(), events.clone());
        let away = Away {
            since: tokio::time::Instant::now(),
            why: "it is being reached".into(),
            dialing: tokio::spawn(dialing).abort_handle(),
            told: Told::No,
        };
        let mut host = Self {
            options,
            membership,
            target,
            folder: folder.clone(),
            blobs: Blobs::new(folder),
            spool,
            grants,
            unsaved: Vec::new(),
            hold: Hold::default(),
            outbox,
            threads,
            paces: Paces::default(),
            unable: BTreeSet::new(),
            line: Line::Away(away),
            backoff: Backoff::default(),
            sessions: 0,
            requests: 0,
            times: Times::default(),
            disk: DiskState::Fine,
            mode: Mode::Working,
            done: Done::load(folder),
            events,
        };
        let spooled = entries.iter().map(|entry| entry.lease).collect();
        host.restore(found, &spooled);
        host.blobs.keep_payloads(|digest| host.hold.needs(Item::Payload(digest)))?;
        Ok(host)
    }

    /// Takes the units that are not done. One whose result is in the spool is done, even if the
    /// process died before it could mark it so.
    fn restore(&mut self, found: Vec<Found>, spooled: &BTreeSet<LeaseId>) {
        for Found { grant, past } in found {
            let job = Arc::new(grant.job);
            for ((index, unit), past) in (0..).zip(grant.units).zip(past) {
                let lease = LeaseId { grant: grant.grant, index };
                let Past::Open { died } = past else { continue };
                if spooled.contains(&lease) {
                    self.mark(lease, Mark::Ended);
                    continue;
                }
                let is_here = |order: super::hold::Order| self.blobs.has(order.item, order.len);
                self.hold.take(lease, (&job, unit), died, is_here);
            }
        }
        self.hold.suspects_last();
        let counts = self.hold.counts();
        let (units, results) = (counts.ready + counts.lacking, self.outbox.spooled());
        if units + results > 0 {
            tracing::info!("goes on with {units} units and {results} results of an earlier run");
        }
    }
}

impl Done {
    /// As far as it was written down.
    pub(crate) fn load(folder: &Folder) -> Self {
        let text = std::fs::read_to_string(folder.root().join(DONE_FILE)).unwrap_or_default();
        let total = text.trim().parse().unwrap_or_default();
        Self { total, saved: total }
    }
}
