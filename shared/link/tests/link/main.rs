//! The link's promises, as its users see them.

mod connect;
mod framing;
mod restart;
mod rig;
mod strangers;
