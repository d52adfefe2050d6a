//! A host in this process: takes work, computes it with the real apps, hands in the results.

use bytes::Bytes;
use gleaner_apps::{Params, Prepared, run_unit};
use gleaner_engine::event::{Event, Host};
use gleaner_shared::digest::digest;
use gleaner_shared::id::{AccountId, HostId};
use gleaner_shared::payload::payload_open;
use gleaner_shared::policy::Standing;
use gleaner_shared::records;
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::{FailureClass, Outcome};
use gleaner_shared::wire::work::{Delivered, Grant, JobBrief, ToHost};
use gleaner_store::{ResultBytes, Store};

use crate::driver::{Handle, Input, SessionId, outbox};
use crate::registry;

const HOST: Host = Host { id: HostId([7; 32]), account: AccountId(1), standing: Standing::Own };
/// Units of one grant.
const UNITS: u16 = 5;

/// What a host does with its units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Compute,
    /// Each unit is returned as one that the app refused.
    Refuse,
    /// Only those with the document at this position of their slice.
    RefuseAt(u32),
}

impl Manner {
    fn refuses(self, docs: DocRange) -> bool {
        match self {
            Self::Compute => false,
            Self::Refuse => true,
            Self::RefuseAt(position) => (docs.first..docs.end()).contains(&position),
        }
    }
}

/// Works until the driver has ended.
pub(crate) async fn work(store: Store, driver: Handle, manner: Manner) {
    let (sender, mut messages) = outbox();
    let event = Event::HostConnected { host: HOST, threads: 1, leases: Vec::new() };
    let begin = Input::Begin { session: SessionId(1), event, host: HOST.id, outbox: sender };
    driver.send(begin).await.unwrap();
    for request in 0.. {
        let event = Event::Wanted { host: HOST.id, request, units: UNITS };
        driver.send(Input::Event(event)).await.unwrap();
        match messages.recv().await {
            Some(ToHost::Grant(grant)) => compute(&store, &driver, grant, manner).await,
            Some(message) => panic!("{message:?}"),
            None => return,
        }
    }
}

async fn compute(store: &Store, driver: &Handle, grant: Grant, manner: Manner) {
    let Grant { job, units, .. } = grant;
    let app = registry::app(&job.app).unwrap();
    let prepared = prepare(store, &job).await;
    for unit in units {
        let bytes = store.payload_read(unit.payload.digest).await.unwrap();
        let payload = payload_open(&unit.payload, &bytes).unwrap();
        let raw = run_unit(app, &*prepared, &payload, unit.docs).unwrap();
        let found = store.unit_find(job.digest, unit.payload.digest, unit.docs).await.unwrap();
        let (outcome, packed, message) = match manner.refuses(unit.docs) {
            false => (Outcome::Records(digest(&raw)), records::pack(&raw).unwrap(), ""),
            true => (Outcome::Failed(FailureClass::Refused), Vec::new(), "not a word in it"),
        };
        let result = ResultBytes {
            unit: found.unwrap(),
            host: HOST.id,
            outcome,
            raw_len: if packed.is_empty() { 0 } else { raw.len() as u64 },
            packed: Bytes::from(packed),
            message: message.into(),
        };
        let delivered = driver.deliver(HOST, result).await.unwrap().await.unwrap();
        assert!(matches!(delivered, Delivered::Receipt(_)), "{delivered:?}");
    }
}

async fn prepare(store: &Store, job: &JobBrief) -> Box<dyn Prepared> {
    let data = match job.data {
        Some(data) => Some(store.artefact_read(data.digest).await.unwrap()),
        None => None,
    };
    let params: Params = job.params.iter().cloned().collect();
    registry::app(&job.app).unwrap().prepare(&params, data.as_deref()).unwrap()
}
