//! The words that server and client share: ids, measures, limits, policy, verdict and record types.
//!
//! Without the feature `wire` this crate is `no_std` and depends on nothing, so that the engine can
//! use it. With it, the messages and the payload and record codecs are here too; no other room
//! names bincode, BLAKE3 or zstd.
#![cfg_attr(not(feature = "wire"), no_std)]

extern crate alloc;

pub mod document;
pub mod id;
pub mod limits;
pub mod measure;
pub mod policy;
pub mod table;
pub mod unit;
pub mod verdict;

#[cfg(feature = "wire")]
pub mod digest;
#[cfg(feature = "wire")]
pub mod payload;
#[cfg(feature = "wire")]
pub mod records;
#[cfg(feature = "wire")]
pub mod unpack;
#[cfg(feature = "wire")]
pub mod wire;
