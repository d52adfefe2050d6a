//! Archives: their members one after the other, streamed; nothing is held of those that were.
//!
//! A member's name is data: it is looked at, and never opened.

mod member;
mod tar;
#[cfg(test)]
mod told;
mod zip;

pub use member::{ArchiveFault, BrokenArchive, Each, Member, MemberKind, MemberRefused};
pub use tar::tar_members;
pub use zip::zip_members;
