//! Failpoints: named crash points, at which a test makes a process die, be refused by its disk, wait
//! or panic. Where they are and why each is safe stands in `docs/faults.md`.
//!
//! Without the feature `on`, which no default and no release build has, a point is nothing at all.

#[cfg(feature = "on")]
mod on;
#[cfg(feature = "on")]
mod plan;

#[cfg(feature = "on")]
pub use on::{ask, cross};

/// A point at which a process may die, wait or panic.
#[cfg(feature = "on")]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {
        $crate::cross($name)
    };
}

/// A point at which a process may die, wait or panic. Here it is nothing.
#[cfg(not(feature = "on"))]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {{}};
}

/// A point at which the disk may refuse as well: an `io::Result<()>`.
#[cfg(feature = "on")]
#[macro_export]
macro_rules! disk_point {
    ($name:literal) => {
        $crate::ask($name)
    };
}

/// A point at which the disk may refuse as well. Here it is `Ok`.
#[cfg(not(feature = "on"))]
#[macro_export]
macro_rules! disk_point {
    ($name:literal) => {
        ::std::io::Result::<()>::Ok(())
    };
}
