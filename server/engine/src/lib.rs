//! Every decision of the server: scheduling, leases, verdicts. Events in, effects out.
//!
//! No clock, no I/O, no randomness: the same events give the same effects, so that the same code
//! runs in production and in a simulation in virtual time. There is no undo: after a failed commit
//! the engine is dropped and restored from the store.
#![no_std]

extern crate alloc;

pub mod effect;
pub mod event;
pub mod view;

mod connect;
mod engine;
mod held;
mod job;
mod lease;
mod lifecycle;
mod line;
mod pace;
mod pick;
mod restore;
mod returned;
mod room;
mod schedule;
mod spare;
mod unit;
mod verdict;
mod waiting;

pub use engine::Engine;
pub use held::Sizes;
pub use restore::RestoreError;
