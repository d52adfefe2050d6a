//! Computing: units become results, in processes of their own, and are spooled before it is said.
//!
//! `threads` and `perform` are the client's side, `crew` its hold on a process; `serve` and `bench`
//! are what that process does. Nothing here knows of the server.

mod app;
pub(crate) mod bench;
mod clock;
pub(crate) mod crew;
mod death;
pub(crate) mod memory;
mod outcome;
pub(crate) mod perform;
mod pipe;
mod prepared;
mod run;
pub(crate) mod serve;
pub(crate) mod task;
pub(crate) mod threads;
mod words;
