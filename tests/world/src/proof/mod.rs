//! Proofs of the promises, on real processes. Each is one file, with its size as a parameter.
//!
//! A proof takes a [`crate::World`], does to it what can go wrong, and gives one line that says what
//! was shown, or fails.

mod again;
mod workload;

pub mod bad;
pub mod big_intake;
pub mod broken_apps;
pub mod chaos;
pub mod commits;
pub mod crashes;
pub mod full;
pub mod golden;
pub mod idle;
pub mod outage;
pub mod papers;
pub mod parquet;
pub mod power;
pub mod refused;

pub(crate) use workload::Workload;
