//! Result tables: real tables of a job, made from what its app declares.

pub(crate) mod derived;
pub(crate) mod layout;
pub(crate) mod read;
pub(crate) mod size;
pub(crate) mod trial;
pub(crate) mod write;
