//! What the engine promises its driver, one file per promise's subject.
//!
//! Whole histories with faults are the simulation's (tests/sim); here each rule stands alone.

mod desk;
mod fairness;
mod hosts;
mod jobs;
mod leases;
mod noise;
mod restart;
mod results;
mod schedule;
mod spares;
mod split;
mod views;
