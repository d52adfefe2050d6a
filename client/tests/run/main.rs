//! The program as its owner runs it, against a server that is played by the test over real QUIC.
//!
//! What the real server decides is no matter here; the world's tests run both.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken;
mod crash;
mod disk;
mod joining;
mod outage;
mod place;
mod play;
mod stage;
mod status;
mod stop;
mod work;
