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

/// Bytes that a process and those that it has started have in memory now.
pub fn resident_bytes_of_all(pid: u32) -> Option<u64> {
    let own = resident_bytes(pid)?;
    let all = fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children = ids.filter(|child| status(*child, "PPid:") == Some(pid.into()));
    Some(own + children.filter_map(resident_bytes_of_all).sum::<u64>())
}

/// A number of KiB.
fn field(pid: u32, name: &str) -> Option<u64> {
    Some(status(pid, name)? * 1024)
}

fn status(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
