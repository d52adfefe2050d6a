//! Work: what a host and the server say to each other.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::id::{Digest, GrantId, LeaseId};
use crate::measure::Millis;
use crate::payload::PayloadFacts;
use crate::unit::DocRange;
use crate::verdict::{FailureClass, Receipt};

/// The beginning of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The client's version, for people.
    pub version: String,
    /// What the machine calls itself.
    pub name: String,
    /// Threads that compute.
    pub threads: u16,
    /// Leases it still holds, at most [`crate::limits::HOST_LEASES_MAX`]; the server frees the others.
    pub leases: Vec<LeaseId>,
}

/// From a host, during a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromHost {
    /// Wants work, and waits for it. A new want replaces the last.
    Want {
        /// Told back in the grant.
        request: u32,
        /// How many units at most.
        units: u16,
    },
    /// Still alive and holding these.
    Renew(Vec<LeaseId>),
    /// Hands these back, undone.
    Release(Vec<LeaseId>),
}

/// To a host, during a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToHost {
    /// The session begins.
    Welcome {
        /// The server's version, for people.
        version: String,
    },
    /// It does not.
    Refused(Refusal),
    /// Work.
    Grant(Grant),
    /// These leases are void: stop computing them, drop what they need.
    Cancel(Vec<LeaseId>),
    /// The server is about to stop: compute on, deliver when it is back.
    Drain,
}

/// Units of one job for one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The want that this answers.
    pub request: u32,
    /// Names the leases, together with the units' positions.
    pub grant: GrantId,
    /// What is to be done.
    pub job: JobBrief,
    /// On what: the lease's index is the position here.
    pub units: Vec<GrantUnit>,
}

/// What a host must know of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobBrief {
    /// Names the job in results, whatever the server's numbers are.
    pub digest: Digest,
    /// For people.
    pub name: String,
    /// `name@version`.
    pub app: String,
    /// The app's parameters.
    pub params: Vec<(String, String)>,
    /// The app's data (a dictionary), if it has any.
    pub data: Option<Artefact>,
    /// How long a lease lasts without a renewal, and how long one document may take.
    pub deadline: Millis,
}

/// A blob that goes with a job, fetched once by each host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// BLAKE3 of its bytes.
    pub digest: Digest,
    /// Its bytes.
    pub len: u64,
}

/// One unit of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantUnit {
    /// The slice's payload.
    pub payload: PayloadFacts,
    /// Which of its documents.
    pub docs: DocRange,
}

/// Something to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchItem {
    /// Of what.
    pub what: Fetched,
    /// Bytes that the host has already.
    pub offset: u64,
}

/// What can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fetched {
    /// A payload's compressed bytes.
    Payload(Digest),
    /// An artefact's bytes.
    Artefact(Digest),
}

/// Comes before the bytes of a fetched item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemHead {
    /// `len - offset` bytes follow.
    Found {
        /// Bytes of the whole item.
        len: u64,
    },
    /// The server has no such thing; nothing follows.
    Missing,
    /// The host may not fetch; nothing follows and the stream ends.
    Refused(Refusal),
}

/// What a host returns for a unit; its bytes follow after the server's offsets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultHead {
    /// The job's digest.
    pub job: Digest,
    /// The payload's digest.
    pub payload: Digest,
    /// Which documents.
    pub docs: DocRange,
    /// What came of them.
    pub returned: Returned,
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Returned {
    /// Records.
    Records {
        /// BLAKE3 of the canonical bytes.
        digest: Digest,
        /// Canonical bytes, at most [`crate::limits::RESULT_BYTES_MAX`].
        raw_len: u64,
        /// Packed bytes, as they travel.
        len: u32,
    },
    /// The app failed; no bytes follow.
    Failed {
        /// How.
        class: FailureClass,
        /// For people, at most [`crate::limits::MESSAGE_BYTES_MAX`] bytes.
        message: String,
    },
}

/// From the server on a `Deliver` stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliverReply {
    /// Send each result's packed bytes from here on, in order.
    Resume(Vec<u64>),
    /// What became of each, in order. The end.
    Receipts(Vec<Delivered>),
    /// Nothing is taken. The end.
    Refused(Refusal),
}

/// What became of one delivered result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivered {
    /// It is dealt with: the host may forget it.
    Receipt(Receipt),
    /// It could not be stored now: deliver it again later.
    Again(Refusal),
    /// Its bytes are not what its head says, or not records of the app's tables: forget it.
    Broken,
}
