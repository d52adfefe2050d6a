//! Tells, after the commit: to hosts, to those who wait for receipts, to the store and the finisher.

use gleaner_engine::effect::Tell;
use gleaner_engine::event::Event;
use gleaner_shared::id::{GrantId, HostId, JobId};
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::{Delivered, Grant, ToHost};

use super::{Driver, DriverError, Finisher};
use crate::truth::Truth;

impl<F: Finisher, T: Truth> Driver<F, T> {
    /// Whether the engine was told something in turn.
    pub(super) async fn tell_one(&mut self, tell: Tell) -> Result<bool, DriverError> {
        match tell {
            Tell::Grant { host, request, grant, job, units } => {
                let message = self.grant(request, grant, job, &units).await?;
                self.post(host, message);
            }
            Tell::Cancel { host, leases } => self.post(host, Some(ToHost::Cancel(leases))),
            Tell::Receipt { token, receipt } => {
                if let Some(reply) = self.replies.remove(&token) {
                    // The host may be gone; it delivers again, and gets the same receipt.
                    let _gone = reply.send(Delivered::Receipt(receipt));
                }
            }
            Tell::ReadSlices { job, first, count } => {
                let docs = self.store.slice_docs(job, first, count).await?;
                self.engine.handle(self.clock.now(), Event::SlicesRead { job, first, docs });
                return Ok(true);
            }
            Tell::Finish { job, generation } => self.finisher.start(job, generation),
        }
        Ok(false)
    }

    async fn grant(
        &self,
        request: u32,
        grant: GrantId,
        job: JobId,
        units: &[(u32, DocRange)],
    ) -> Result<Option<ToHost>, DriverError> {
        let Some(brief) = self.store.job_brief(job).await? else { return Ok(None) };
        let units = self.store.grant_units(job, units).await?;
        Ok(Some(ToHost::Grant(Grant { request, grant, job: brief, units })))
    }

    /// A host that does not take its messages loses its session; it comes back and states its leases.
    fn post(&mut self, host: HostId, message: Option<ToHost>) {
        let Some((_, outbox)) = self.sessions.get(&host) else { return };
        let posted = message.is_some_and(|message| outbox.try_send(message).is_ok());
        if !posted {
            self.sessions.remove(&host);
            self.engine.handle(self.clock.now(), Event::HostLost(host));
        }
    }
}
