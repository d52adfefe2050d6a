//! What lies in the data folder, and how it gets there so that a crash leaves nothing half done.
//!
//! Nothing here knows of connections or threads.

pub(crate) mod blobs;
pub(crate) mod durable;
pub(crate) mod folder;
pub(crate) mod grants;
pub(crate) mod lock;
pub(crate) mod marks;
pub(crate) mod membership;
pub(crate) mod sealed;
pub(crate) mod spool;
