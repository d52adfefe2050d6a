//! The truth as the server sees it here: the real store behind a delay, with a witness who writes
//! down what it has kept, and who dies with the server.
//!
//! A mutant is a witness who does not do what he says.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gleaner_engine::event::Snapshot;
use gleaner_link::sim::Chance;
use gleaner_server::truth::Truth;
use gleaner_shared::id::{Digest, HostId, JobId};
use gleaner_shared::measure::Time;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::wire::work::{GrantUnit, JobBrief};
use gleaner_store::{
    Batch, CommitError, HostRecord, JobRecord, JoinError, JoinWish, Joined, PayloadBytes, Store,
    StoreError,
};
use tokio::time::sleep;

use crate::books::Books;
use crate::keeper::ask;
use crate::network::millis;

/// A mistake that the checks must find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// None.
    #[default]
    None,
    /// Results are acknowledged, and not kept.
    AcknowledgedNotKept,
    /// A resumed transfer begins one byte too late.
    OffsetByOne,
    /// The path of a host stays cut when all others heal.
    NeverHealed,
}

/// See the file's head.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub(crate) store: Store,
    pub(crate) books: Books,
    pub(crate) alive: Arc<AtomicBool>,
    pub(crate) chance: Arc<Mutex<Chance>>,
    pub(crate) mutant: Mutant,
    /// Who asks in which task. Looked up only.
    pub(crate) askers: Arc<Mutex<HashMap<tokio::task::Id, HostId>>>,
}

impl Witness {
    /// Waits a while; for ever if the server is dead.
    async fn pause(&self, most: u64) {
        let wait = {
            let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
            if chance.permille(300) { chance.between(1, most) } else { 0 }
        };
        if wait > 0 {
            sleep(millis(wait)).await;
        }
        if !self.alive.load(Ordering::Acquire) {
            pending::<()>().await;
        }
    }

    /// One call of the store.
    async fn call<T, F>(&self, work: impl FnOnce(Store) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.pause(3).await;
        let done = ask(work(self.store.clone()));
        self.pause(3).await;
        done
    }

    /// Whether a batch is one that the mutant does not keep.
    fn drops(&self, batch: &Batch) -> bool {
        self.mutant == Mutant::AcknowledgedNotKept && !batch.results.is_empty()
    }

    /// Whose stream the caller serves.
    fn asker(&self) -> Option<HostId> {
        let askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        askers.get(&tokio::task::try_id()?).copied()
    }
}

impl Truth for Witness {
    fn clock(&self) -> Time {
        self.store.clock()
    }

    async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.call(|store| async move { store.snapshot().await }).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.pause(40).await;
        if self.books.commit_fails() {
            return Err(CommitError::Full);
        }
        if self.drops(&batch) {
            return Ok(());
        }
        let (store, kept) = (self.store.clone(), batch.clone());
        let committed = ask(async move { store.commit(batch).await });
        match &committed {
            Ok(()) => self.books.committed(&kept),
            Err(error) => self.books.breaks(format!("a batch is refused: {error}")),
        }
        // A server that dies in here has kept what it could not tell any more.
        self.pause(40).await;
        committed
    }

    async fn slice_docs(&self, job: JobId, first: u32, count: u32) -> Result<Vec<u32>, StoreError> {
        self.call(move |store| async move { store.slice_docs(job, first, count).await }).await
    }

    async fn job_brief(&self, job: JobId) -> Result<Option<JobBrief>, StoreError> {
        self.call(move |store| async move { store.job_brief(job).await }).await
    }

    async fn grant_units(
        &self,
        job: JobId,
        units: &[(u32, DocRange)],
    ) -> Result<Vec<GrantUnit>, StoreError> {
        let units = units.to_vec();
        self.call(move |store| async move { store.grant_units(job, &units).await }).await
    }

    async fn job_find_by_id(&self, job: JobId) -> Result<Option<JobRecord>, StoreError> {
        self.call(move |store| async move { store.job_find_by_id(job).await }).await
    }

    async fn unit_find(
        &self,
        job: Digest,
        payload: Digest,
        docs: DocRange,
    ) -> Result<Option<UnitKey>, StoreError> {
        self.call(move |store| async move { store.unit_find(job, payload, docs).await }).await
    }

    async fn payload_range(
        &self,
        payload: Digest,
        offset: u64,
    ) -> Result<PayloadBytes, StoreError> {
        if let Some(host) = self.asker() {
            self.books.asked_for(host, payload, offset);
        }
        let shift = u64::from(self.mutant == Mutant::OffsetByOne && offset > 0);
        let found = self
            .call(move |store| async move { store.payload_range(payload, offset + shift).await })
            .await?;
        // The bytes that are missing are made up, so that only their digest can tell.
        let rest = [&found.rest[..], &b"x"[..usize::try_from(shift).unwrap_or(0)]].concat();
        Ok(PayloadBytes { rest: rest.into(), ..found })
    }

    async fn artefact_len(&self, artefact: Digest) -> Result<Option<u64>, StoreError> {
        self.call(move |store| async move { store.artefact_len(artefact).await }).await
    }

    async fn artefact_range(
        &self,
        artefact: Digest,
        range: Range<u64>,
    ) -> Result<Bytes, StoreError> {
        self.call(move |store| async move { store.artefact_range(artefact, range).await }).await
    }

    async fn host_find(&self, host: HostId) -> Result<Option<HostRecord>, StoreError> {
        if let Some(task) = tokio::task::try_id() {
            self.askers.lock().unwrap_or_else(PoisonError::into_inner).insert(task, host);
        }
        self.call(move |store| async move { store.host_find(host).await }).await
    }

    async fn host_seen(
        &self,
        host: HostId,
        name: &str,
        now_unix_seconds: i64,
    ) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.call(move |store| async move { store.host_seen(host, &name, now_unix_seconds).await })
            .await
    }

    async fn join(&self, wish: JoinWish) -> Result<Joined, JoinError> {
        self.call(move |store| async move { store.join(wish).await }).await
    }
}
