//! The years of publication that `corpus add` gives its documents, and which file they are from.

use std::path::Path;

use gleaner_readers::{Format, Years};

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::intake::{Metadata, Root, SEEN_EVERY, Survey, Walk, Wish, in_archives};
use crate::progress::{Mark, Measure};

/// The word for no table at all.
const NONE: &str = "none";

/// Years and where they are from.
#[derive(Debug)]
pub(super) struct Found {
    /// None if nobody has said anything: standard input may bring some.
    pub(super) years: Option<Years>,
    pub(super) from: Option<Metadata>,
}

/// Reads the metadata.csv that was named or found; says which one it is.
pub(super) fn years(
    admin: &Admin,
    named: Option<&Path>,
    survey: &Survey,
    roots: &[Root],
    wish: &Wish,
) -> Result<Found, Fault> {
    if named.is_some_and(|path| path.as_os_str() == NONE) {
        return Ok(Found { years: Some(Years::empty()), from: None });
    }
    if let Some(path) = named.filter(|path| !path.exists()) {
        return Err(Told {
            exit: Exit::NotFound,
            what: format!("{} is not there", path.display()),
            why: "there is no such file, or it may not be seen".into(),
            next: "check the path".into(),
        }
        .into());
    }
    let file = named.or(survey.metadata.as_deref());
    let from = match file {
        Some(path) => Some(Metadata::File(path.to_path_buf())),
        None => look_into_archives(admin, roots, wish),
    };
    let Some(metadata) = from else { return Ok(Found { years: None, from: None }) };
    admin.output.note(&format!("years of publication: {}", escaped(&metadata.to_string())));
    let found = survey.metadata.iter().chain(&survey.metadata_unused);
    for unused in found.filter(|found| Some(found.as_path()) != file) {
        let unused = unused.display().to_string();
        admin.output.note(&format!("not used: {}", escaped(&unused)));
    }
    let years = metadata.read().map_err(|why| Told {
        exit: Exit::Failed,
        what: format!("{metadata} cannot be read"),
        why,
        next: "mend it, or give another one with --metadata FILE, or --metadata none".into(),
    })?;
    Ok(Found { years: Some(years), from: Some(metadata) })
}

/// Archives are read once more for it, because it may lie behind what it dates.
fn look_into_archives(admin: &Admin, roots: &[Root], wish: &Wish) -> Option<Metadata> {
    // Plain text has no years.
    if wish.format == Format::Text {
        return None;
    }
    let mut progress = admin.progress("looking for metadata.csv", Measure::Things("members"));
    let mut members = 0;
    in_archives(Walk::new(roots), wish, &mut || {
        members += 1;
        if members % SEEN_EVERY == 0 {
            progress.set(Mark { done: members, total: 0 });
        }
    })
}
