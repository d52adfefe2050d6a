//! What the front and the driver ask of the store: the few calls between a host and its units.
//!
//! The store answers them in the product. A simulation puts itself between, to see what is kept, to
//! let it take its time, and to let a server die at any call. Admins' commands are not here.

use std::future::Future;
use std::ops::Range;

use bytes::Bytes;
use gleaner_engine::event::Snapshot;
use gleaner_shared::id::{Digest, HostId, JobId};
use gleaner_shared::measure::Time;
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::wire::work::{GrantUnit, JobBrief};
use gleaner_store::{
    Batch, CommitError, HostRecord, JobRecord, JoinError, JoinWish, Joined, PayloadBytes, Store,
    StoreError,
};

/// The future of an answer.
macro_rules! answer {
    ($value:ty, $error:ty) => { impl Future<Output = Result<$value, $error>> + Send };
    ($value:ty) => { answer!($value, StoreError) };
}

/// The truth. Each call is the method of [`Store`] that has its name.
pub trait Truth: Clone + Send + Sync + 'static {
    /// See [`Store::clock`].
    fn clock(&self) -> Time;
    /// See [`Store::snapshot`].
    fn snapshot(&self) -> answer!(Snapshot);
    /// See [`Store::commit`].
    fn commit(&self, batch: Batch) -> answer!((), CommitError);
    /// See [`Store::slice_docs`].
    fn slice_docs(&self, job: JobId, first: u32, count: u32) -> answer!(Vec<u32>);
    /// See [`Store::job_brief`].
    fn job_brief(&self, job: JobId) -> answer!(Option<JobBrief>);
    /// See [`Store::grant_units`].
    fn grant_units(&self, job: JobId, units: &[(u32, DocRange)]) -> answer!(Vec<GrantUnit>);
    /// See [`Store::job_find_by_id`].
    fn job_find_by_id(&self, job: JobId) -> answer!(Option<JobRecord>);
    /// See [`Store::unit_find`].
    fn unit_find(&self, job: Digest, payload: Digest, docs: DocRange) -> answer!(Option<UnitKey>);
    /// See [`Store::payload_range`].
    fn payload_range(&self, payload: Digest, offset: u64) -> answer!(PayloadBytes);
    /// See [`Store::artefact_len`].
    fn artefact_len(&self, artefact: Digest) -> answer!(Option<u64>);
    /// See [`Store::artefact_range`].
    fn artefact_range(&self, artefact: Digest, range: Range<u64>) -> answer!(Bytes);
    /// See [`Store::host_find`].
    fn host_find(&self, host: HostId) -> answer!(Option<HostRecord>);
    /// See [`Store::host_seen`].
    fn host_seen(&self, host: HostId, name: &str, now_unix_seconds: i64) -> answer!(());
    /// See [`Store::join`].
    fn join(&self, wish: JoinWish) -> answer!(Joined, JoinError);
}

impl Truth for Store {
    fn clock(&self) -> Time {
        self.clock()
    }

    fn snapshot(&self) -> answer!(Snapshot) {
        self.snapshot()
    }

    fn commit(&self, batch: Batch) -> answer!((), CommitError) {
        self.commit(batch)
    }

    fn slice_docs(&self, job: JobId, first: u32, count: u32) -> answer!(Vec<u32>) {
        self.slice_docs(job, first, count)
    }

    fn job_brief(&self, job: JobId) -> answer!(Option<JobBrief>) {
        self.job_brief(job)
    }

    fn grant_units(&self, job: JobId, units: &[(u32, DocRange)]) -> answer!(Vec<GrantUnit>) {
        self.grant_units(job, units)
    }

    fn job_find_by_id(&self, job: JobId) -> answer!(Option<JobRecord>) {
        self.job_find_by_id(job)
    }

    fn unit_find(&self, job: Digest, payload: Digest, docs: DocRange) -> answer!(Option<UnitKey>) {
        self.unit_find(job, payload, docs)
    }

    fn payload_range(&self, payload: Digest, offset: u64) -> answer!(PayloadBytes) {
        self.payload_range(payload, offset)
    }

    fn artefact_len(&self, artefact: Digest) -> answer!(Option<u64>) {
        self.artefact_len(artefact)
    }

    fn artefact_range(&self, artefact: Digest, range: Range<u64>) -> answer!(Bytes) {
        self.artefact_range(artefact, range)
    }

    fn host_find(&self, host: HostId) -> answer!(Option<HostRecord>) {
        self.host_find(host)
    }

    fn host_seen(&self, host: HostId, name: &str, now_unix_seconds: i64) -> answer!(()) {
        self.host_seen(host, name, now_unix_seconds)
    }

    fn join(&self, wish: JoinWish) -> answer!(Joined, JoinError) {
        self.join(wish)
    }
}
