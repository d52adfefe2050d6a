//! For each rule: what it is for is caught, what only looks like it is not.

use gleaner_tidy::{Dependency, Kind, Package, Tree, Violation};

type Rule = fn(&Tree) -> Vec<Violation>;

/// The places that break a rule in a tree of these files.
fn places(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let mut places: Vec<String> =
        rule(&Tree::of(files.iter().copied())).into_iter().map(|broken| broken.place).collect();
    places.dedup();
    places
}

/// One file, and whether it breaks a rule.
fn check(rule: Rule, path: &str, text: &str, broken: usize) {
    assert_eq!(rule(&Tree::of([(path, text)])).len(), broken, "{path}:\n{text}");
}

#[test]
fn long_files_are_caught() {
    let rule = gleaner_tidy::file_sizes;
    let lines = |count: usize| "//! x\n".repeat(count);
    let (long, full, small) = (lines(501), lines(500), lines(10));
    assert_eq!(places(rule, &[("a.rs", &long), ("b.rs", &small), ("c.rs", &small)]), ["a.rs"]);
    assert_eq!(places(rule, &[("a.rs", &full), ("b.rs", &small), ("c.rs", &small)]), [""; 0]);
    let middling = lines(150);
    assert_eq!(places(rule, &[("a.rs", &middling)]), ["the tree"]);
    assert_eq!(places(rule, &[("a.rs", &lines(149))]), [""; 0]);
}

#[test]
fn long_functions_are_caught() {
    let function = |count: usize, line: &str| format!("fn a(\n) {{\n{}}}\n", line.repeat(count));
    let rule = gleaner_tidy::function_sizes;
    check(rule, "a.rs", &function(61, "    b();\n"), 1);
    check(rule, "a.rs", &function(60, "    b();\n"), 0);
    check(rule, "a.rs", &function(61, "    // c\n"), 0);
    check(rule, "a.rs", &function(61, "\n"), 0);
    check(
        rule,
        "a.rs",
        &format!("impl A {{\n    pub(crate) async {}}}", function(61, "b();\n")),
        1,
    );
    check(rule, "a.rs", &function(61, "    \"}\";\n"), 1);
    check(rule, "a.rs", &"fn a() {}\n".repeat(70), 0);
}

#[test]
fn silent_files_are_caught() {
    let rule = gleaner_tidy::each_file_says_what_it_is;
    check(rule, "a.rs", "//! What lives here.\n", 0);
    check(rule, "a.rs", "use std::io;\n//! What lives here.\n", 1);
    check(rule, "a.rs", "\n//! What lives here.\n", 1);
    check(rule, "a.rs", "//!\n", 1);
    check(rule, "a.rs", "", 1);
    check(rule, "a.rs", &"//! What lives here.\n".repeat(7), 1);
    check(rule, "a.toml", "", 0);
}

#[test]
fn banned_words_are_caught() {
    let rule = gleaner_tidy::banned_words;
    let code = "client/src/a.rs";
    check(rule, code, "a.unwrap();", 1);
    check(rule, code, "// a.unwrap();\nb(\".unwrap()\");", 0);
    check(rule, code, "#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap(); }\n}\n", 0);
    check(rule, code, "#[cfg(all(test, unix))]\nmod tests {\n    fn a() { b.unwrap(); }\n}\n", 0);
    check(rule, code, "#[cfg(test)]\nmod tests {\n}\nfn a() { b.unwrap(); }\n", 1);
    check(rule, "client/tests/a.rs", "a.unwrap();", 0);
    check(rule, "client/src/a_tests.rs", "a.unwrap();", 0);
    check(rule, "tests/world/src/a.rs", "a.unwrap();", 1);
    check(rule, "tests/world/tests/a.rs", "a.unwrap();", 0);
    check(rule, "client/tests/a.rs", "#[allow(dead_code)]", 1);
    check(rule, code, "todo!()", 1);
    check(rule, code, "// TODO later", 1);
    check(rule, code, "/* FIXME */", 1);
}

#[test]
fn clocks_and_files_in_pure_rooms_are_caught() {
    let rule = gleaner_tidy::banned_words;
    for word in ["Instant::now()", "SystemTime::now()", "std::fs::read(x)", "std::env::var(x)"] {
        for room in ["shared/src", "shared/apps/src", "shared/readers/src", "server/engine/src"] {
            check(rule, &format!("{room}/a.rs"), word, 1);
        }
        check(rule, "client/src/a.rs", word, 0);
        check(rule, "shared/link/src/a.rs", word, 0);
        check(rule, "shared/apps/tests/a.rs", word, 0);
    }
}

#[test]
fn unsafe_code_is_caught() {
    let rule = gleaner_tidy::banned_words;
    check(rule, "client/src/a.rs", "unsafe { b() }", 1);
    check(rule, "client/tests/a.rs", "unsafe { b() }", 1);
    check(rule, "client/src/a.rs", "#![deny(unsafe_code)] // unsafe", 0);
}

#[test]
fn limits_without_a_reason_are_caught() {
    let rule = gleaner_tidy::each_limit_has_a_reason;
    let path = "shared/src/limits.rs";
    check(rule, path, "/// Bytes of a frame: small.\npub const A: u8 = 1;\n", 0);
    check(rule, path, "pub const A: u8 = 1;\n", 1);
    check(rule, path, "/// Bytes.\npub const A: u8 = 1;\n", 1);
    check(
        rule,
        path,
        "/// Bytes of a frame: small.\npub const A: u8 = 1;\npub const B: u8 = 1;",
        1,
    );
    check(rule, path, "/// Some words for another thing.\nfn a() {}\npub const A: u8 = 1;\n", 1);
    check(rule, "shared/src/other.rs", "", 1);
}

#[test]
fn strays_at_the_top_are_caught() {
    let rule = gleaner_tidy::top_level;
    let whole = [
        ("Cargo.toml", ""),
        ("Cargo.lock", ""),
        ("README.md", ""),
        ("server/a", ""),
        ("client/a", ""),
        ("shared/a", ""),
        ("tests/a", ""),
        ("docs/a", ""),
        ("LICENSE-MIT", ""),
        (".ci/run", ""),
    ];
    assert_eq!(places(rule, &whole), [""; 0]);
    assert_eq!(places(rule, &whole[1..]), ["Cargo.toml"]);
    assert_eq!(places(rule, &[&whole[..], &[("scripts/a", "")]].concat()), ["scripts"]);
}

#[test]
fn dependencies_without_a_reason_are_caught() {
    let rule = gleaner_tidy::each_dependency_has_a_reason;
    let check = |lines: &str, broken: usize| {
        let text = format!("[workspace.dependencies]\n{lines}\n[profile.dev]\nb = 1\n");
        check(rule, "Cargo.toml", &text, broken);
    };
    check("# a: why\na = { version = \"1\", default-features = false }", 0);
    check("a = { version = \"1\", default-features = false }", 1);
    check("# b: why\na = { version = \"1\", default-features = false }", 1);
    check("# a: \na = { version = \"1\", default-features = false }", 1);
    check("# a: why\na = \"1\"", 1);
    check("gleaner-a = { path = \"a\" }", 0);
}

#[test]
fn members_of_their_own_mind_are_caught() {
    let rule = gleaner_tidy::members_follow_the_workspace;
    let lints = "[lints]\nworkspace = true\n";
    let path = "client/Cargo.toml";
    check(rule, path, &format!("{lints}[dependencies]\na.workspace = true\n"), 0);
    check(rule, path, &format!("{lints}[dependencies]\na = {{ workspace = true }}\n"), 0);
    check(rule, path, &format!("{lints}[dependencies]\na = \"1\"\n"), 1);
    check(rule, path, &format!("{lints}[dev-dependencies]\na = {{ version = \"1\" }}\n"), 1);
    check(rule, path, "[dependencies]\n", 1);
}

#[test]
fn versions_with_holes_are_caught() {
    let check = |name: &str, version: &str, broken: usize| {
        let text =
            format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        check(gleaner_tidy::advisory_floors, "Cargo.lock", &text, broken);
    };
    check("quinn-proto", "0.11.17", 1);
    check("quinn-proto", "0.11.18", 0);
    check("quinn-proto", "0.11.18-rc.1", 1);
    check("quinn-proto", "0.12.0", 0);
    check("rustls", "0.23.5", 1);
    check("sqlx-core", "0.8.0", 1);
    check("tracing-subscriber", "0.3.19", 1);
    check("wasmtime", "47.9.9", 1);
    check("bincode", "2.0.1", 0);
    check("bincode", "3.0.0", 1);
    check("openssl-sys", "0.9.1", 1);
    check("harmless", "0.0.1", 0);
    check("harmless", "none", 1);
}

#[test]
fn catch_all_modules_are_caught() {
    let rule = gleaner_tidy::no_catch_all_modules;
    for path in ["a/src/util.rs", "a/src/common/mod.rs", "a/src/test_helpers.rs", "manager.rs"] {
        check(rule, path, "", 1);
    }
    check(rule, "a/src/utility_function.rs", "", 0);
}

#[test]
fn pages_that_name_what_is_not_there_are_caught() {
    let rule = gleaner_tidy::named_files_exist;
    let walk = "`shared/src/a.rs`\n".repeat(10);
    let files = |page: &'static str, text: &'static str| {
        [("shared/src/a.rs", ""), ("docs/architecture.md", &*walk), (page, text)]
            .map(|(p, t)| (p.to_owned(), t.to_owned()))
    };
    let check = |page, text, broken: usize| {
        let files = files(page, text);
        let tree = Tree::of(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        assert_eq!(rule(&tree).len(), broken, "{page}: {text}");
    };
    check("docs/x.md", "see `shared/src/a.rs`, `shared/src` and `shared/src/`", 0);
    check("docs/x.md", "see `shared/src/b.rs`", 1);
    check("README.md", "see `docs/b.md`", 1);
    check("README.md", "run `client/x --flag` or `gleaner-client`", 0);
    check("docs/architecture.md", "`shared/src/a.rs`", 1);
    assert_eq!(places(rule, &[("README.md", "")]), ["docs/architecture.md"]);
}

#[test]
fn edges_outside_the_table_are_caught() {
    // What the table has: a tree with all its rooms and no edges.
    let rooms = [
        "shared",
        "shared/link",
        "shared/failpoint",
        "shared/readers",
        "shared/apps",
        "server/engine",
        "server/store",
        "server",
        "server/admin",
        "client",
        "tests/world",
    ];
    let check = |from: &str, to: &str, kind: Kind, broken: usize| {
        let dependency = Dependency { name: to.to_owned(), kind, features: Vec::new() };
        let package = |room: &&str| Package {
            room: (*room).to_owned(),
            dependencies: if *room == from { vec![dependency.clone()] } else { Vec::new() },
        };
        let packages: Vec<Package> = rooms.iter().map(package).collect();
        assert_eq!(gleaner_tidy::room_table(&packages).len(), broken, "{from} -> {to}");
    };
    check("server/store", "server/engine", Kind::Code, 0);
    check("server/engine", "server/store", Kind::Code, 1);
    check("server/engine", "server/store", Kind::Tests, 1);
    check("client", "server/store", Kind::Code, 1);
    check("client", "shared/readers", Kind::Code, 1);
    check("shared/apps", "shared/readers", Kind::Code, 1);
    check("shared/apps", "shared/readers", Kind::Tests, 0);
    check("server/engine", "serde", Kind::Code, 1);
    check("server/engine", "proptest", Kind::Tests, 0);
    check("server", "bincode", Kind::Code, 1);
    check("shared", "bincode", Kind::Code, 0);
    check("tests/world", "sqlx", Kind::Code, 0);
    check("tests/world", "quinn", Kind::Tests, 1);
    check("server", "sqlx", Kind::Code, 1);
    check("server/admin", "flate2", Kind::Tests, 0);
    check("server/admin", "flate2", Kind::Code, 1);
    check("server/admin", "tar", Kind::Tests, 1);
    check("tests/world", "server/store", Kind::Code, 0);
    check("server", "tests/world", Kind::Tests, 1);
    let stranger = Package { room: "server/web".to_owned(), dependencies: Vec::new() };
    // The stranger, and the ten rooms that this tree has not.
    assert_eq!(gleaner_tidy::room_table(&[stranger]).len(), 11);
}

#[test]
fn the_engine_may_not_use_the_wire() {
    let dependency =
        Dependency { name: "shared".into(), kind: Kind::Code, features: vec!["wire".into()] };
    let engine = Package { room: "server/engine".into(), dependencies: vec![dependency] };
    let broken = gleaner_tidy::room_table(&[engine]);
    assert!(broken.iter().any(|broken| broken.why.contains("wire")), "{broken:?}");
}

#[test]
fn points_without_a_row_and_rows_without_a_point_are_caught() {
    let rule = gleaner_tidy::failpoints_are_documented;
    let source = "crash_point!(\"server.a\");\ndisk_point!(\"server.b\")?;";
    let page = "| `server.a` | here | dies | why |\n| `server.b` | here | dies, refused | why |";
    let check = |source: &str, page: &str, wrong: usize| {
        let files = [("server/src/a.rs", source), ("docs/faults.md", page)];
        assert_eq!(rule(&Tree::of(files)).len(), wrong, "{source}\n{page}");
    };
    check(source, page, 0);
    check("", page, 2);
    check(source, "", 2);
    check(&format!("{source}\ncrash_point!(\"server.a\");"), page, 1);
    check(&source.replace("server.a", "client.a"), &page.replace("server.a", "client.a"), 1);
    check(source, &page.replace("dies, refused", "dies"), 1);
    check(source, &page.replacen("| why |", "| |", 1), 1);
}
