//! A seeded simulation of the engine in virtual time: the code that runs in production, with a model
//! of the store and faulty, lying, vanishing hosts around it.
//!
//! One number, the seed, decides everything. After every step the promises are checked; a seed that
//! breaks one can be replayed exactly. No real clock, file or socket in here.

mod agenda;
mod clients;
mod clock;
mod driver;
mod faults;
mod guard;
mod host;
mod invariant;
mod message;
mod operator;
mod oracle;
mod race;
mod rng;
mod run;
mod server;
mod setup;
mod store;
mod truth;
mod weather;
mod world;

pub use invariant::Invariant;
pub use race::{Field, Race, Trouble, race, shares};
pub use run::{Broken, Report, Size, run};
