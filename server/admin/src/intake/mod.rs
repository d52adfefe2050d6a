//! Intake: from files on this machine to documents at the server, with bounded memory.
//!
//! `walk` finds files, `class` says what they are, `survey` counts them first, `gather` reads them
//! into batches on a thread of its own, `send` offers each batch and sends what is wanted.

mod class;
mod gather;
mod seen;
mod send;
mod survey;
mod walk;

pub(crate) use gather::{Batch, Gather};
pub(crate) use send::{Totals, send};
pub(crate) use survey::{Survey, survey};
pub(crate) use walk::Walk;
