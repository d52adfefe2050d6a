//! The rules, held over this checkout.

use std::path::{Path, PathBuf};

use gleaner_tidy::{Tree, Violation};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the checkout is there")
}

fn check(rule: fn(&Tree) -> Vec<Violation>) {
    let tree = Tree::read(&root()).expect("the checkout can be read");
    show(&rule(&tree));
}

fn show(broken: &[Violation]) {
    let lines: Vec<String> = broken.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "{} broken:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn rooms_use_each_other_as_the_table_says() {
    let packages = gleaner_tidy::packages(&root()).expect("cargo knows the workspace");
    show(&gleaner_tidy::room_table(&packages));
}

#[test]
fn files_are_short() {
    check(gleaner_tidy::file_sizes);
}

#[test]
fn functions_are_short() {
    check(gleaner_tidy::function_sizes);
}

#[test]
fn each_file_says_what_it_is() {
    check(gleaner_tidy::each_file_says_what_it_is);
}

#[test]
fn banned_words_are_absent() {
    check(gleaner_tidy::banned_words);
}

#[test]
fn each_limit_has_a_reason() {
    check(gleaner_tidy::each_limit_has_a_reason);
}

#[test]
fn nothing_strays_at_the_top() {
    check(gleaner_tidy::top_level);
}

#[test]
fn each_dependency_has_a_reason() {
    check(gleaner_tidy::each_dependency_has_a_reason);
}

#[test]
fn members_follow_the_workspace() {
    check(gleaner_tidy::members_follow_the_workspace);
}

#[test]
fn no_dependency_has_a_known_hole() {
    check(gleaner_tidy::advisory_floors);
}

#[test]
fn no_module_is_a_catch_all() {
    check(gleaner_tidy::no_catch_all_modules);
}

#[test]
fn pages_name_files_that_exist() {
    check(gleaner_tidy::named_files_exist);
}

#[test]
fn each_failpoint_is_on_its_page() {
    check(gleaner_tidy::failpoints_are_documented);
}
