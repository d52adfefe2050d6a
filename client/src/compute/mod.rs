//! Computing: plain threads that turn units into results, and spool them before they say so.
//!
//! Nothing here knows of the server.

pub(crate) mod apart;
pub(crate) mod app;
mod outcome;
pub(crate) mod perform;
mod prepared;
pub(crate) mod task;
pub(crate) mod threads;
