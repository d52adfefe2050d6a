//! Intake: from files on this machine to documents at the server, with bounded memory.
//!
//! `walk` finds files, `class` says what they are, `survey` counts them first, `metadata` finds the
//! years, `gather` opens them on a thread of its own, `reading` makes documents of what is in them,
//! `batch` gathers these, `send` offers each batch and sends what is wanted.

mod batch;
mod class;
mod gather;
mod metadata;
mod pattern;
mod reading;
mod seen;
mod send;
mod stdin;
mod survey;
mod walk;

pub(crate) use batch::{Batch, Flow};
pub(crate) use class::Wish;
pub(crate) use gather::Gather;
pub(crate) use metadata::{Metadata, in_archives};
pub(crate) use pattern::Pattern;
pub(crate) use send::{Totals, send};
pub(crate) use stdin::refused as stdin_refused;
pub(crate) use survey::{SEEN_EVERY, Survey, survey};
pub(crate) use walk::{Root, Walk};
