//! Nothing travels without a golden line: each enum of the sources that serde knows has examples.

use std::fs;
use std::path::{Path, PathBuf};

use crate::examples::groups;

/// Enums that serde knows and that never travel: the store and the engine keep them.
const STAY: [&str; 5] = ["Outcome", "UnitFailure", "Settlement", "Rule", "Standing"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources lie beside the tests") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Enums of a file whose attributes name `Serialize`.
fn enums(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_serde = false;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("pub enum ") {
            let name = rest.trim_end_matches([' ', '{']);
            found.extend(is_serde.then_some(name));
            is_serde = false;
        } else if line.starts_with("#[") {
            is_serde |= line.contains("Serialize");
        } else if !line.starts_with("///") {
            is_serde = false;
        }
    }
    found
}

#[test]
fn each_enum_of_the_wire_has_examples() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let all = groups();
    let known: Vec<&str> = all
        .iter()
        .flat_map(|group| &group.examples)
        .filter_map(|example| example.name.split_once("::").map(|(name, _)| name))
        .collect();
    let travelling: Vec<&str> =
        texts.iter().flat_map(|text| enums(text)).filter(|name| !STAY.contains(name)).collect();
    assert!(travelling.len() > 20, "the sources are read: {travelling:?}");
    for name in travelling {
        assert!(known.contains(&name), "{name} travels without an example");
    }
}
