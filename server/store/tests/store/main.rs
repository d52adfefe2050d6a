//! The store against real files: one binary, one module a promise.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod cancel;
mod corpus;
mod engine;
mod full;
mod host;
mod kill;
mod life;
mod merge;
mod object;
mod once;
mod open;
mod query;
mod read;
mod scene;
mod speed;
mod split;
