//! Native apps: one document in, records out. No I/O, no clock, no randomness, no threads.
//!
//! `registry` names the apps. Everything that an app computes follows from the document, the job's
//! parameters and its data, so that two hosts that run it return the same bytes.

mod app;
pub mod dictionary;
mod export;
#[cfg(feature = "faults")]
mod faulty_words;
pub mod graph;
pub mod matcher;
mod nearest;
mod ontology_match;
mod paced_match;
mod params;
mod registry;
pub mod text;
mod unit;
mod word_count;

pub use app::{App, AppError, DataNeed, Finish, PrepareError, Prepared};
pub use export::{Export, Source};
pub use params::{BadParam, Params};
pub use registry::{UnknownApp, app};
pub use unit::{UnitError, run_unit};
