//! The table of rooms: who may use whom, and which foreign crates only one room names.
//!
//! The same table stands in docs/architecture.md for people.

use crate::Violation;
use crate::metadata::{Kind, Package};

/// A room and the rooms that it may use.
struct Room {
    path: &'static str,
    uses: &'static [&'static str],
    /// Used by its tests in addition.
    tests_use: &'static [&'static str],
}

const ROOMS: [Room; 10] = [
    Room { path: "shared", uses: &[], tests_use: &[] },
    Room { path: "shared/link", uses: &["shared"], tests_use: &[] },
    Room { path: "shared/failpoint", uses: &[], tests_use: &[] },
    Room { path: "shared/readers", uses: &["shared"], tests_use: &[] },
    Room { path: "shared/apps", uses: &["shared"], tests_use: &["shared/readers"] },
    Room { path: "server/engine", uses: &["shared"], tests_use: &[] },
    Room {
        path: "server/store",
        uses: &["shared", "shared/failpoint", "server/engine"],
        tests_use: &[],
    },
    Room {
        path: "server",
        uses: &[
            "shared",
            "shared/link",
            "shared/failpoint",
            "shared/readers",
            "shared/apps",
            "server/engine",
            "server/store",
        ],
        tests_use: &[],
    },
    Room {
        path: "server/admin",
        uses: &["shared", "shared/link", "shared/readers", "shared/apps"],
        tests_use: &[],
    },
    Room {
        path: "client",
        uses: &["shared", "shared/link", "shared/failpoint", "shared/apps"],
        tests_use: &[],
    },
];

/// Rooms below this use all others, and are used by none but each other.
const TESTS: &str = "tests/";

/// Foreign crates that live in quarantine, and where.
const QUARANTINE: [(&str, &str); 22] = [
    ("bincode", "shared"),
    ("blake3", "shared"),
    ("zstd", "shared"),
    ("aws-lc-rs", "shared/link"),
    ("quinn", "shared/link"),
    ("rcgen", "shared/link"),
    ("rustls", "shared/link"),
    ("csv-core", "shared/readers"),
    ("flate2", "shared/readers"),
    ("quick-xml", "shared/readers"),
    ("rawzip", "shared/readers"),
    ("tar", "shared/readers"),
    ("aho-corasick", "shared/apps"),
    ("daachorse", "shared/apps"),
    ("sha2", "shared/apps"),
    ("unicode-segmentation", "shared/apps"),
    ("object_store", "server/store"),
    ("redis", "server/store"),
    ("sqlx", "server/store"),
    ("parquet", "server/admin"),
    ("axum", "server"),
    ("wasmtime", "client/sandbox"),
];

/// Rooms of tests that name a crate beside its home: the checker of a server's folder must not believe
/// the store that it checks.
const WITNESSES: [(&str, &str); 1] = [("sqlx", "tests/world")];

/// Crates of the quarantine that tests name to pack what they give to a reader.
const TESTS_PACK: [&str; 1] = ["flate2"];

/// Rooms that may name no foreign crate at all, but for their tests.
const BARE: [&str; 1] = ["server/engine"];

/// Edges that the table does not have, and foreign crates outside their quarantine.
pub fn room_table(packages: &[Package]) -> Vec<Violation> {
    let mut broken = Vec::new();
    for package in packages {
        let Some(uses) = uses(&package.room) else {
            broken.push(Violation::new(&package.room, "is no room of the table"));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            if let Some(why) = edge(package, name, dependency.kind, &uses) {
                broken.push(Violation::new(&package.room, why));
            }
            let is_wire = dependency.features.iter().any(|feature| feature == "wire");
            if package.room == "server/engine" && name == "shared" && is_wire {
                broken.push(Violation::new(&package.room, "uses shared with its feature wire"));
            }
        }
    }
    let known = |path: &str| packages.iter().any(|package| package.room == path);
    let missing = ROOMS.iter().filter(|room| !known(room.path));
    broken
        .extend(missing.map(|room| Violation::new(room.path, "is in the table, not in the tree")));
    broken
}

/// The rooms that a room may use, for its code and for its tests; none if it is no room.
fn uses(path: &str) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
    if path.starts_with(TESTS) {
        let all: Vec<&str> = ROOMS.iter().map(|room| room.path).collect();
        return Some((all.clone(), all));
    }
    let room = ROOMS.iter().find(|room| room.path == path)?;
    Some((room.uses.to_vec(), [room.uses, room.tests_use].concat()))
}

/// Why a room may not name this, if it may not.
fn edge(
    package: &Package,
    name: &str,
    kind: Kind,
    (code, tests): &(Vec<&str>, Vec<&str>),
) -> Option<String> {
    let room = package.room.as_str();
    let is_own = name.starts_with(TESTS) || ROOMS.iter().any(|room| room.path == name);
    if is_own {
        let allowed = match kind {
            Kind::Code => code,
            Kind::Tests => tests,
        };
        let among_tests = room.starts_with(TESTS) && name.starts_with(TESTS);
        let fits = allowed.contains(&name) || among_tests;
        return (!fits).then(|| format!("may not use {name}: the table has no such edge"));
    }
    if let Some((_, home)) = QUARANTINE.iter().find(|(quarantined, _)| *quarantined == name) {
        let is_test = kind == Kind::Tests || room.starts_with(TESTS);
        let packs = is_test && TESTS_PACK.contains(&name);
        let may = *home == room || packs || WITNESSES.contains(&(name, room));
        return (!may).then(|| format!("names {name}, which only {home} may name"));
    }
    let bare = BARE.contains(&room) && kind == Kind::Code;
    bare.then(|| format!("names {name}; it uses no foreign crate"))
}
