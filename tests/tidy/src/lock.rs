//! Versions below which a dependency has a known hole, held over the lock file.
//!
//! Each floor names its advisories. What is not in the lock file is not needed and not checked.

use crate::{Tree, Violation};

/// A version: major, minor, patch.
type Version = (u64, u64, u64);

/// A crate, the least version without the hole, and why.
const FLOORS: [(&str, Version, &str); 8] = [
    ("quinn-proto", (0, 11, 18), "RUSTSEC-2026-0037, -0185, -0338 to -0343: panics, memory"),
    ("rustls", (0, 23, 46), "RUSTSEC-2026-0346 to -0349"),
    ("rustls-webpki", (0, 103, 13), "advisories of 2026 on chains and names"),
    ("aws-lc-sys", (0, 39, 0), "advisories of 2026 on the bundled library"),
    ("wasmtime", (48, 0, 8), "sandbox escapes of 2026-04, leak of pooled memory"),
    ("sqlx-core", (0, 8, 1), "RUSTSEC-2024-0363: values over 4 GiB"),
    ("tracing-subscriber", (0, 3, 20), "RUSTSEC-2025-0055: escape sequences in logs"),
    ("zip", (2, 3, 0), "RUSTSEC-2025-0016: links out of the folder"),
];

/// Crates that must be at one version: a frozen format, whose next release is no library.
const PINNED: [(&str, Version, &str); 1] =
    [("bincode", (2, 0, 1), "the wire format; 3.0.0 is only an error (RUSTSEC-2025-0141)")];

/// Crates that must not be in the tree at all.
const REFUSED: [(&str, &str); 2] = [
    ("openssl-sys", "one TLS stack: rustls with aws-lc-rs"),
    ("native-tls", "one TLS stack: rustls with aws-lc-rs"),
];

/// Dependencies of the lock file with known holes.
pub fn advisory_floors(tree: &Tree) -> Vec<Violation> {
    let Some(text) = tree.text("Cargo.lock") else {
        return vec![Violation::new("Cargo.lock", "is missing")];
    };
    let locked = locked(text);
    if locked.is_empty() {
        return vec![Violation::new("Cargo.lock", "names no package")];
    }
    let mut broken = Vec::new();
    let mut say = |why: String| broken.push(Violation::new("Cargo.lock", why));
    for (name, text) in locked {
        let Some(version) = parse(text) else {
            say(format!("{name} {text} has no version that can be compared"));
            continue;
        };
        for (_, floor, why) in FLOORS.iter().filter(|(floored, ..)| *floored == name) {
            // A pre-release of the floor comes before it.
            if version < *floor || (version == *floor && text.contains('-')) {
                say(format!("{name} {text} is below {}: {why}", show(*floor)));
            }
        }
        for (_, only, why) in PINNED.iter().filter(|(pinned, ..)| *pinned == name) {
            if version != *only {
                say(format!("{name} {text} is not {}: {why}", show(*only)));
            }
        }
        for (_, why) in REFUSED.iter().filter(|(refused, _)| *refused == name) {
            say(format!("{name} is not wanted: {why}"));
        }
    }
    broken
}

/// The packages of a lock file, as (name, version).
fn locked(text: &str) -> Vec<(&str, &str)> {
    let value = |line: &'_ str, key: &str| -> Option<(usize, usize)> {
        let rest = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        let length = rest.find('"')?;
        Some((key.len() + 4, key.len() + 4 + length))
    };
    let mut packages = Vec::new();
    let mut name = None;
    for line in text.lines() {
        if line == "[[package]]" {
            name = None;
        } else if let Some((from, to)) = value(line, "name") {
            name = Some(&line[from..to]);
        } else if let (Some(name), Some((from, to))) = (name, value(line, "version")) {
            packages.push((name, &line[from..to]));
        }
    }
    packages
}

fn parse(text: &str) -> Option<Version> {
    let core = text.split(['-', '+']).next()?;
    let mut numbers = core.split('.').map(|number| number.parse::<u64>().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

fn show((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}
