//! What hosts and server say to each other, and everything that can happen in a world.

use gleaner_engine::event::Event;
use gleaner_shared::id::{GrantId, JobId, LeaseId};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{Outcome, Receipt};

/// A host's number in its world.
pub(crate) type HostIndex = usize;

/// Which of a host's connections, from 1; later ones are greater.
pub(crate) type Conn = u32;

/// From a host to the server.
#[derive(Clone, Debug)]
pub(crate) enum Up {
    Hello {
        leases: Vec<LeaseId>,
    },
    Wanted {
        request: u32,
        units: u16,
    },
    Renewed {
        leases: Vec<LeaseId>,
    },
    Released {
        leases: Vec<LeaseId>,
    },
    Result {
        number: u64,
        unit: UnitKey,
        outcome: Outcome,
    },
    /// Not said: the server notices that the connection is gone.
    Lost,
}

/// From the server to a host.
#[derive(Clone, Debug)]
pub(crate) enum Down {
    Grant {
        request: u32,
        grant: GrantId,
        job: JobId,
        units: Vec<(u32, DocRange)>,
    },
    Cancel {
        leases: Vec<LeaseId>,
    },
    Receipt {
        number: u64,
        receipt: Receipt,
    },
    /// Not said: the host notices that the connection is gone.
    Closed,
}

/// Something that happens.
#[derive(Debug)]
pub(crate) enum Happening {
    Up {
        host: HostIndex,
        conn: Conn,
        message: Up,
    },
    Down {
        host: HostIndex,
        conn: Conn,
        message: Down,
    },
    /// The driver takes what has arrived.
    Gather {
        life: u32,
    },
    /// The store has answered the commit of the driver's batch.
    Committed {
        life: u32,
    },
    /// The engine's next deadline may have come.
    Tick {
        life: u32,
    },
    /// Something that the driver itself has done for the engine is ready.
    Ready {
        life: u32,
        event: Event,
    },
    /// The server starts again.
    ServerUp,
    /// Something may befall the server.
    Weather,
    /// The server's machine is awake again.
    Wakes {
        life: u32,
    },
    /// A host's regular look around.
    Beat {
        host: HostIndex,
    },
    /// A host has computed a unit, unless it has lost it or restarted since.
    Computed {
        host: HostIndex,
        life: u32,
        lease: LeaseId,
    },
    /// A host is gone for good.
    Vanishes {
        host: HostIndex,
    },
    /// The operator looks at his jobs.
    Operator,
    /// All faults stop.
    Heal,
}
