//! What `corpus add` was given, as roots of a walk: paths that are there, patterns, standard input.

use std::path::{Path, PathBuf};

use gleaner_readers::Format;

use crate::fault::{Exit, Fault, Told};
use crate::intake::{Pattern, Root, Walk, stdin_refused};

/// The roots, each of which leads to something.
pub(super) fn roots(paths: &[PathBuf], format: Format) -> Result<Vec<Root>, Fault> {
    paths.iter().map(|path| root(path, format)).collect()
}

fn root(path: &Path, format: Format) -> Result<Root, Fault> {
    if path.as_os_str() == "-" {
        return match stdin_refused(format) {
            None => Ok(Root::Path(path.to_path_buf())),
            Some(why) => Err(Told {
                exit: Exit::Usage,
                what: "standard input cannot be read".into(),
                why: why.into(),
                next: "give --format jsonl, csv, tsv, text, cord19, jats or tar, or a file".into(),
            }
            .into()),
        };
    }
    // A file of that very name comes first, as in a shell.
    if path.exists() {
        return Ok(Root::Path(path.to_path_buf()));
    }
    let pattern = Pattern::of(path).map_err(|error| Told {
        exit: Exit::Usage,
        what: format!("{} is no pattern", path.display()),
        why: error.to_string(),
        next: "write ** only between slashes, and close each [".into(),
    })?;
    let Some(pattern) = pattern else {
        return Err(absent(path, "there is no such file or folder, or it may not be seen"));
    };
    let root = Root::Pattern(pattern);
    match Walk::new(std::slice::from_ref(&root)).next() {
        Some(_) => Ok(root),
        None => Err(absent(path, "nothing matches this pattern")),
    }
}

fn absent(path: &Path, why: &str) -> Fault {
    Told {
        exit: Exit::NotFound,
        what: format!("{} is not there", path.display()),
        why: why.into(),
        next: "check the path".into(),
    }
    .into()
}
