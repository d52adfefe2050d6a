//! Work comes, and goes again when its lease is void.

use std::sync::Arc;

use gleaner_failpoint::crash_point;
use gleaner_shared::id::LeaseId;
use gleaner_shared::limits::UNABLE_PAUSE;
use gleaner_shared::wire::work::{FromHost, Grant, GrantUnit};
use tokio::time::Instant;

use super::Host;
use super::line::Line;
use super::stop::Mode;
use crate::talk::span;

impl Host {
    pub(super) fn handle_grant(&mut self, grant: Grant) {
        if let Line::Session(session) = &mut self.line {
            session.want = session.want.filter(|request| *request != grant.request);
        }
        let leases = leases(&grant);
        // A number that is held already comes of a restored server: the old leases are void, but
        // their units may be in hand. It is rare; the server gives this work a new number.
        let unable = self.unable.contains(&grant.job.digest);
        if unable || self.mode != Mode::Working || self.grants.has(grant.grant) {
            if unable {
                self.times.want = Some(Instant::now() + span(UNABLE_PAUSE));
            }
            let release = leases.map(|(lease, _)| lease).collect();
            return self.say(FromHost::Release(release));
        }
        tracing::debug!("{} units of {} granted", grant.units.len(), grant.job.name);
        self.grants.take(&grant);
        if let Err(error) = self.grants.save(&grant) {
            self.disk_refused(&error.to_string());
            self.unsaved.push(grant.clone());
        }
        crash_point!("client.grant.saved");
        let job = Arc::new(grant.job.clone());
        for (lease, unit) in leases {
            self.hold.take(lease, (&job, unit), 0, |order| self.blobs.has(order.item, order.len));
        }
        // A shorter lease than the others may need a renewal sooner.
        self.times.renew = self.times.renew.min(Some(Instant::now() + self.renew_every()));
    }

    pub(super) fn handle_cancel(&mut self, leases: Vec<LeaseId>) {
        tracing::info!("{} leases are void", leases.len());
        for lease in leases {
            self.void(lease);
        }
    }
}

fn leases(grant: &Grant) -> impl Iterator<Item = (LeaseId, GrantUnit)> + use<> {
    let number = grant.grant;
    let units = grant.units.clone();
    (0..).zip(units).map(move |(index, unit)| (LeaseId { grant: number, index }, unit))
}
