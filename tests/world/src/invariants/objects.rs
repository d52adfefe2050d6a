//! Objects: each has the digest that is its name, each row's object is there, and what no row names
//! is not older than a sweep allows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::ORPHAN_AGE;

use super::books::{Books, digest_of};
use super::{Checked, Wrong};

/// Each folder, and what names its objects.
const SORTS: [(&str, &str); 3] = [
    ("pack", "SELECT DISTINCT pack FROM slice"),
    ("artefact", "SELECT digest FROM artefact"),
    ("result", "SELECT DISTINCT object FROM result WHERE object IS NOT NULL"),
];

/// The folder of objects.
#[derive(Debug)]
pub(super) struct Objects(PathBuf);

impl Objects {
    pub(super) fn new(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// An object's bytes.
    pub(super) fn read(&self, sort: &str, name: Digest) -> Result<Vec<u8>> {
        let path = self.0.join(sort).join(format!("{name:.1}")).join(name.to_string());
        fs::read(&path).with_context(|| path.display().to_string())
    }

    pub(super) fn check(
        &self,
        books: &mut Books,
        wrong: &mut Wrong,
        checked: &mut Checked,
    ) -> Result<()> {
        for (sort, select) in SORTS {
            let mut named = BTreeSet::new();
            for (name,) in books.all::<(Vec<u8>,)>(select)? {
                named.insert(digest_of(&name)?.to_string());
            }
            for path in files(&self.0.join(sort))? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if named.remove(&name) {
                    checked.objects += 1;
                    let found = digest(&fs::read(&path)?).to_string();
                    wrong.unless(found == name, || format!("{sort} {name} has digest {found}"));
                } else {
                    let old = is_old(&path)?;
                    wrong.unless(!old, || format!("{sort} {name} is an orphan of over a day"));
                }
            }
            for name in named {
                wrong.add(format!("{sort} {name} has a row and no object"));
            }
        }
        Ok(())
    }
}

fn is_old(path: &Path) -> Result<bool> {
    let written = fs::metadata(path)?.modified()?;
    let age = SystemTime::now().duration_since(written).unwrap_or_default();
    // Some time for the sweep itself, which runs once after a start.
    Ok(age > Duration::from_millis(ORPHAN_AGE.0) + Duration::from_secs(3_600))
}

/// The files two folders down.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for fan in fs::read_dir(folder)? {
        for file in fs::read_dir(fan?.path())? {
            files.push(file?.path());
        }
    }
    Ok(files)
}
