//! How much a host may hold: what it does in a span of time, and near the end of all work its part of
//! what is left, so that all hosts end together (guided self-scheduling, Polychronopoulos and Kuck
//! 1987).

use gleaner_shared::limits::{
    GRANT_SPAN, GRANT_UNITS_MAX, HOST_LEASES_MAX, LEASES_MAX, ROOM_SHARE, START_ROUNDS, TAIL_SHARE,
};

use crate::connect::{KnownHost, Request};
use crate::engine::Engine;

impl KnownHost {
    /// How many leases it may hold; a few while nothing is known of it.
    pub(crate) fn leases_max(&self) -> usize {
        let rounds = self.pace.rounds_in(GRANT_SPAN).unwrap_or(START_ROUNDS);
        self.threads().saturating_mul(rounds.max(1)).min(HOST_LEASES_MAX)
    }

    /// Whether it holds as many as it may.
    pub(crate) fn is_full(&self) -> bool {
        self.held >= self.leases_max()
    }
}

impl Engine {
    /// Room for a grant, when so many copies are left to give in all. Little room waits until it is
    /// more, so that grants do not become single units, unless threads idle.
    pub(crate) fn room(&self, host: &KnownHost, request: Request, left: usize) -> usize {
        let most = host.leases_max().min(self.part(host, left));
        let wish = usize::from(request.units).min(GRANT_UNITS_MAX);
        let free = most.saturating_sub(host.held);
        if host.held >= host.threads() && free < wish.min((most / ROOM_SHARE).max(1)) {
            return 0;
        }
        wish.min(free).min(LEASES_MAX.saturating_sub(self.waiting.leases()))
    }

    /// A host's part of what is left: as many as it has threads, or more while more is there.
    pub(crate) fn part(&self, host: &KnownHost, left: usize) -> usize {
        let threads = host.threads();
        let all = self.threads.max(threads);
        let part = left.saturating_mul(threads).div_ceil(all.saturating_mul(TAIL_SHARE));
        part.max(threads)
    }
}
