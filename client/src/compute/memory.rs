//! How much memory computing may take: a part of the machine, unless its owner says otherwise.
//!
//! A crew has half of it, and so has the one that has a suspect unit alone. The kernel holds them to
//! it: an app that wants more ends its crew, and not its owner's other programs.

use std::fs;
use std::io;
use std::path::Path;

use bytesize::ByteSize;
use gleaner_shared::limits::{MEMORY_BYTES_DEFAULT, MEMORY_BYTES_MIN, MEMORY_PART};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Crews that may be there at once: that of all units, and that of a suspect.
const CREWS: u64 = 2;

/// What one crew may take of what computing may take.
pub(crate) fn of_a_crew(all: u64) -> u64 {
    all / CREWS
}

/// Bytes for people.
pub(crate) fn shown(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

/// What `--memory` says.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let ByteSize(bytes) = text.parse().map_err(|_| "a size is meant, as 800MiB or 4GiB")?;
    match bytes >= MEMORY_BYTES_MIN {
        true => Ok(bytes),
        false => Err(format!("at least {} are needed", shown(MEMORY_BYTES_MIN))),
    }
}

/// What computing may take on this machine if its owner says nothing.
pub(crate) fn default_bytes() -> u64 {
    let read = |path: &Path| fs::read_to_string(path).ok();
    part(machine_bytes(&read).unwrap_or(0))
}

/// A part of the machine, at least what a large job needs, and never more than half.
fn part(machine: u64) -> u64 {
    (machine / MEMORY_PART).max(MEMORY_BYTES_DEFAULT).min(machine / 2).max(MEMORY_BYTES_MIN)
}

/// The machine's memory, or the control group's if that is less.
fn machine_bytes(read: &impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let info = read(Path::new("/proc/meminfo"))?;
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.split_whitespace().next()?.parse().ok()?;
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let limits = groups.lines().filter_map(|line| group_bytes(line, read));
    limits.chain([kibibytes * 1024]).min()
}

/// The limit of a control group, of version 2 or 1, and of those that it is in.
fn group_bytes(line: &str, read: &impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
    let (root, file) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max"),
        "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        _ => return None,
    };
    let limit = |group: &Path| {
        let place = Path::new(root).join(group.strip_prefix("/").ok()?).join(file);
        read(&place)?.trim().parse().ok()
    };
    Path::new(path).ancestors().filter_map(limit).min()
}

/// Holds this process to so much memory, and lets it leave no core file when it dies.
///
/// # Errors
/// The system does not want to.
pub(crate) fn confine(bytes: u64) -> io::Result<()> {
    let most = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) })?;
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// What a machine of 16 GiB has whose files say this.
    fn check(cgroup: &str, files: &[(&str, &str)], expected: u64) {
        let read = |path: &Path| match path.to_str()? {
            "/proc/meminfo" => Some("MemTotal:       16777216 kB\nMemFree: 1 kB\n".into()),
            "/proc/self/cgroup" => Some(cgroup.into()),
            path => files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.to_string()),
        };
        assert_eq!(machine_bytes(&read), Some(expected), "{cgroup}");
    }

    #[test]
    fn a_control_group_with_less_is_respected() {
        check("", &[], 16 * GIB);
        check("0::/a/b\n", &[("/sys/fs/cgroup/a/b/memory.max", "max\n")], 16 * GIB);
        check("0::/a/b\n", &[("/sys/fs/cgroup/a/memory.max", "4294967296\n")], 4 * GIB);
        check("0::/\n", &[("/sys/fs/cgroup/memory.max", "1073741824")], GIB);
        let old = "/sys/fs/cgroup/memory/x/memory.limit_in_bytes";
        check("5:cpu:/x\n4:memory:/x\n", &[(old, "2147483648\n")], 2 * GIB);
        check("4:memory:/x\n", &[(old, "9223372036854771712\n")], 16 * GIB);
    }

    #[test]
    fn the_part_is_a_quarter_within_reason() {
        for (machine, expected) in [
            (64 * GIB, 16 * GIB),
            (3 * GIB, GIB),
            (GIB, GIB / 2),
            (GIB / 4, MEMORY_BYTES_MIN),
            (0, MEMORY_BYTES_MIN),
        ] {
            assert_eq!(part(machine), expected, "{machine}");
        }
        assert!(default_bytes() >= MEMORY_BYTES_MIN);
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, expected) in [
            ("4GiB", Ok(4 * GIB)),
            ("800 MB", Ok(800_000_000)),
            ("300m", Ok(300_000_000)),
            ("much", Err("a size is meant, as 800MiB or 4GiB".to_owned())),
            ("1MiB", Err("at least 256.0 MiB are needed".to_owned())),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
