//! The power cut: ext4 stops at once, and what was not flushed is gone.
//!
//! The only unsafe code of the tree; the kernel offers this as an ioctl and in no other way.
#![expect(unsafe_code, reason = "EXT4_IOC_SHUTDOWN is an ioctl, and rustix's ioctl is unsafe")]

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use rustix::ioctl::{Opcode, Setter, ioctl, opcode};

/// `EXT4_IOC_SHUTDOWN` of fs/ext4/ext4.h: `_IOR('X', 125, __u32)`.
const SHUTDOWN: Opcode = opcode::read::<u32>(b'X', 125);
/// `EXT4_GOING_FLAGS_NOLOGFLUSH`: the journal's last pages are not written either.
const NO_LOG_FLUSH: u32 = 2;

/// Stops the ext4 file system that is mounted at `mount`, as a power cut does.
pub(crate) fn shutdown(mount: &Path) -> Result<()> {
    let folder = File::open(mount)?;
    // SAFETY: the opcode takes a pointer to one u32 that it reads, which is what Setter passes; the
    // file is open for the length of the call.
    let done = unsafe { ioctl(&folder, Setter::<SHUTDOWN, u32>::new(NO_LOG_FLUSH)) };
    done.with_context(|| format!("{} cannot be shut down", mount.display()))
}
