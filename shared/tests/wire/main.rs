//! The wire as other implementations see it: golden bytes of every variant, hostile bytes, a second
//! codec that has to write the same, and the examples of docs/protocol.md.

#![cfg(feature = "wire")]

mod claims;
mod examples;
mod golden;
mod page;
mod random;
mod second;
mod sources;
