//! The rules of the tree as functions: from its files, or from what cargo knows, to what breaks them.
//!
//! Each rule is one file. `tests/tree.rs` holds the rules over this checkout; `tests/planted.rs`
//! shows for each of them that it catches what it is for. Nothing here writes anything.

mod banned;
mod docs;
mod failpoints;
mod heads;
mod layout;
mod limits;
mod lock;
mod manifest;
mod metadata;
mod names;
mod rooms;
mod scrub;
mod size;
mod tree;
mod violation;

pub use banned::banned_words;
pub use docs::named_files_exist;
pub use failpoints::{Failpoint, Refusal, failpoints, failpoints_are_documented};
pub use heads::each_file_says_what_it_is;
pub use layout::top_level;
pub use limits::each_limit_has_a_reason;
pub use lock::advisory_floors;
pub use manifest::{each_dependency_has_a_reason, members_follow_the_workspace};
pub use metadata::{Dependency, Kind, MetadataError, Package, packages};
pub use names::no_catch_all_modules;
pub use rooms::room_table;
pub use size::{
    FILE_LINES_MAX, FUNCTION_LINES_MAX, MEDIAN_LINES_BELOW, file_sizes, function_sizes,
};
pub use tree::Tree;
pub use violation::Violation;
