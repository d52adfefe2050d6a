//! The world that the whole of Gleaner is tested in: real processes on this machine, real crashes,
//! real files.
//!
//! A [`World`] holds the processes of one test; when it goes, they go. The proofs of the README are
//! in [`proof`]: CI runs them small, a command runs them at any size.

mod admin;
mod alone;
mod binaries;
mod chance;
mod checkout;
mod client;
mod disk;
mod golden;
mod journal;
mod memory;
mod panics;
mod papers;
mod process;
mod queries;
mod relay;
mod server;
mod shutdown;
mod tail;
mod wait;
mod world;

pub mod invariants;
pub mod mutants;
pub mod proof;

pub use admin::{Admin, Answer};
pub use binaries::{Binaries, Profile};
pub use chance::Chance;
pub use checkout::{reference, root, sample, skipped};
pub use client::Client;
pub use disk::{Disk, Filler};
pub use golden::Golden;
pub use memory::{peak_bytes, resident_bytes, resident_bytes_of_all};
pub use papers::{Metadata, Papers, Written};
pub use process::{Ended, Process};
pub use server::Server;
pub use wait::until;
pub use world::World;
