//! How much memory a process has, as the kernel counts it.

use std::fs;

/// Bytes that a process has in memory now.
pub fn resident_bytes(pid: u32) -> Option<u64> {
    field(pid, "VmRSS:")
}

/// The most that it has had.
pub fn peak_bytes(pid: u32) -> Option<u64> {
    field(pid, "VmHWM:")
}

fn field(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
