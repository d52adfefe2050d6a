//! What the app really gives for each document and unit, and what liars say instead.

use gleaner_shared::id::{Digest, HostId, JobId};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome, Settlement};

use crate::rng::mix;

/// What kind of document it is. A unit is what the worst of its documents is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Every honest host returns the same records.
    Sound,
    /// Every host returns something else: the app is not deterministic here.
    Wavering,
    /// Every honest host's app crashes on it.
    Crashing,
}

/// The nature of a world's documents: so many in a thousand are not sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) salt: u64,
    pub(crate) crashing: u64,
    pub(crate) wavering: u64,
}

impl Truth {
    pub(crate) fn kind(&self, unit: UnitKey) -> Kind {
        let kinds =
            (unit.docs.first..unit.docs.end()).map(|position| self.document(unit, position));
        kinds.max().unwrap_or(Kind::Sound)
    }

    fn document(&self, unit: UnitKey, position: u32) -> Kind {
        let docs = DocRange { first: position, count: 1 };
        let draw = mix(self.seed(UnitKey { docs, ..unit })) % 1_000;
        if draw < self.crashing {
            Kind::Crashing
        } else if draw < self.crashing + self.wavering {
            Kind::Wavering
        } else {
            Kind::Sound
        }
    }

    /// What an honest host returns.
    pub(crate) fn honest(&self, unit: UnitKey, host: HostId) -> Outcome {
        match self.kind(unit) {
            Kind::Sound => Outcome::Records(digest(self.seed(unit))),
            Kind::Crashing => Outcome::Failed(FailureClass::Crashed),
            Kind::Wavering => Outcome::Records(self.of_host(unit, host)),
        }
    }

    /// A wrong digest that nobody else returns.
    pub(crate) fn alone(&self, unit: UnitKey, host: HostId) -> Outcome {
        Outcome::Records(self.of_host(unit, host))
    }

    /// The wrong digest on which all colluders agree.
    pub(crate) fn colluding(&self, unit: UnitKey) -> Outcome {
        Outcome::Records(digest(self.seed(unit) ^ 0xbad))
    }

    /// What one document adds to its job's counter.
    pub(crate) fn weight(&self, job: JobId, slice: u32, position: u32) -> u64 {
        let docs = DocRange { first: position, count: 1 };
        self.seed(UnitKey { job, slice, docs }) % 1_000
    }

    /// What an ended unit adds. Records of which no honest host knows add something else.
    pub(crate) fn adds(&self, unit: UnitKey, settlement: Settlement) -> u64 {
        let Settlement::Merged(digest) = settlement else { return 0 };
        let positions = unit.docs.first..unit.docs.end();
        let sum: u64 = positions.map(|position| self.weight(unit.job, unit.slice, position)).sum();
        let lie = self.kind(unit) != Kind::Wavering
            && self.honest(unit, host_id(0)) != Outcome::Records(digest);
        sum + u64::from(lie)
    }

    fn of_host(&self, unit: UnitKey, host: HostId) -> Digest {
        digest(self.seed(unit) ^ mix(u64::from_le_bytes(first_eight(host.0))))
    }

    fn seed(&self, unit: UnitKey) -> u64 {
        let docs = mix(u64::from(unit.docs.first) << 32 ^ u64::from(unit.docs.count));
        mix(self.salt ^ u64::from(unit.job.0) << 32 ^ u64::from(unit.slice) ^ docs)
    }
}

/// How many documents a slice has; known to the store, not to the engine until it asks.
pub(crate) fn docs_of(slice: u32) -> u32 {
    1 + slice % 7
}

pub(crate) fn host_id(index: usize) -> HostId {
    let number = u64::try_from(index).unwrap_or(u64::MAX);
    HostId(spread(number))
}

fn digest(number: u64) -> Digest {
    Digest(spread(number))
}

fn spread(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, part) in bytes.chunks_exact_mut(8).zip(0..) {
        chunk.copy_from_slice(&mix(number.wrapping_add(part)).to_le_bytes());
    }
    bytes
}

fn first_eight(bytes: [u8; 32]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    first
}
