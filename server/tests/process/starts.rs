//! Starting: the ready line, and all that keeps a server from it.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;

use crate::place::{Place, check_told};

#[test]
fn a_ready_server_says_where_it_is() {
    let place = Place::new();
    let server = place.server("127.0.0.1:0", &[]);
    assert_eq!(server.ready["schema"], "gleaner/server-ready/1");
    let address = server.address();
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    assert!(place.path("data/admin.sock").exists());
    let mode = fs::metadata(place.path("data")).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o077, 0, "others can look into the folder: {mode:o}");
}

#[test]
fn an_invite_of_a_server_on_all_addresses_names_one() {
    let place = Place::new();
    let server = place.server("0.0.0.0:0", &[]);
    assert!(!server.address().starts_with("0.0.0.0"), "{}", server.address());
}

#[test]
fn a_second_server_on_a_folder_is_refused() {
    let place = Place::new();
    let _first = place.server("127.0.0.1:0", &[]);
    let second = place.said(&["run", "--data", "data", "--listen", "127.0.0.1:0"]);
    check_told(&second, 5, "another server runs on data");
}

#[test]
fn a_second_server_on_a_database_is_refused() {
    let place = Place::new();
    let _first = place.server("127.0.0.1:0", &["--db", "sqlite:one.db", "--objects", "file:o"]);
    assert!(place.path("one.db").exists() && place.path("o").is_dir());
    let words = ["run", "--data", "other", "--listen", "127.0.0.1:0", "--db", "sqlite:one.db"];
    check_told(&place.said(&words), 5, "one.db");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let place = Place::new();
    let other = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = other.local_addr().expect("its address").to_string();
    check_told(&place.said(&["run", "--listen", &address]), 5, &address);
}

#[test]
fn a_database_of_another_kind_is_refused_without_its_password() {
    let place = Place::new();
    for words in [
        ["run", "--db", "postgres://alex:hunter2@db/gleaner"],
        ["run", "--objects", "s3://alex:hunter2@bucket"],
    ] {
        let output = place.said(&words);
        check_told(&output, 2, " in this version, and was given ");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
    }
    assert!(!place.path("gleaner").exists(), "a wrong command line makes no folder");
}

#[test]
fn a_wrong_command_line_is_told_like_every_error() {
    let place = Place::new();
    check_told(&place.said(&["run", "--lisen", "127.0.0.1:0"]), 2, "'--listen'");
    check_told(&place.said(&["run", "--public", "nowhere"]), 2, "HOST:PORT");
    let output = place.said(&["run", "--json", "--db", "mysql:x"]);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
    assert_eq!((&error["schema"], &error["exit_code"]), (&"gleaner/error/1".into(), &2.into()));
}

#[test]
fn a_folder_with_too_long_a_name_is_told() {
    let place = Place::new();
    let long = "d".repeat(120);
    let words = ["run", "--data", &long, "--listen", "127.0.0.1:0"];
    check_told(&place.said(&words), 1, "SUN_LEN");
}

#[test]
fn a_damaged_or_exposed_key_is_not_used() {
    let place = Place::new();
    drop(place.server("127.0.0.1:0", &[]));
    let key = place.path("data/identity.key");
    let words = ["run", "--data", "data", "--listen", "127.0.0.1:0"];
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
    check_told(&place.said(&words), 7, "chmod 600");
    fs::write(&key, "no key").expect("it can be written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("it is ours");
    check_told(&place.said(&words), 11, "identity.key");
}

#[test]
fn a_file_in_the_folders_place_is_told() {
    let place = Place::new();
    fs::write(place.path("data"), "a file").expect("it can be written");
    check_told(&place.said(&["run", "--data", "data"]), 7, "the folder data cannot be used");
}

#[test]
fn completions_and_pages_are_there() {
    let place = Place::new();
    let completions = place.said(&["completions", "bash"]);
    assert!(String::from_utf8_lossy(&completions.stdout).contains("gleaner-server"));
    let pages = place.said(&["man", "pages"]);
    assert_eq!(String::from_utf8_lossy(&pages.stdout), "4 pages in pages\n");
    assert!(place.path("pages/gleaner-server-run.1").is_file());
}

#[cfg(not(feature = "failpoints"))]
#[test]
fn there_are_no_failpoints_in_it() {
    let program = fs::read(env!("CARGO_BIN_EXE_gleaner-server")).expect("it was built");
    let has = |word: &str| program.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    assert!(has("gleaner/error/1"), "words of the program are found in it");
    assert!(!has("server.batch.lost") && !has("GLEANER_FAILPOINTS"));
}
