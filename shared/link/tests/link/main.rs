//! The link's promises, as its users see them.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod connect;
mod framing;
mod restart;
mod rig;
mod strangers;
