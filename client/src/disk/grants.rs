//! Grants on disk: what this host holds, so that it knows its leases after a crash. A grant's file
//! is written once; what becomes of its units is appended to its marks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use gleaner_failpoint::disk_point;
use gleaner_shared::id::{GrantId, LeaseId};
use gleaner_shared::wire::work::Grant;

use super::durable;
use super::folder::Folder;
use super::marks::{self, Mark, Past};
use super::sealed;

const MARK: sealed::Mark = *b"GLNGRT01";
const ENDING: &str = "grant";

/// A grant of an earlier process, with the past of each unit.
#[derive(Debug)]
pub(crate) struct Found {
    /// As it was granted.
    pub(crate) grant: Grant,
    /// One for each unit.
    pub(crate) past: Vec<Past>,
}

/// The grants of a data folder that are not all done.
#[derive(Debug)]
pub(crate) struct Grants {
    folder: PathBuf,
    /// The units of each that are not ended.
    open: BTreeMap<GrantId, BTreeSet<u16>>,
}

impl Grants {
    /// What a folder holds. Damaged grants are removed and counted: the server frees their leases.
    pub(crate) fn load(folder: &Folder) -> io::Result<(Self, Vec<Found>, usize)> {
        let mut grants = Self { folder: folder.grants(), open: BTreeMap::new() };
        let (mut all, mut damaged) = (Vec::new(), 0);
        for entry in fs::read_dir(&grants.folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            match sealed::open::<Grant>(MARK, &fs::read(&path)?) {
                Ok((grant, _)) => all.push(grant),
                Err(_) => {
                    damaged += 1;
                    durable::remove(&path)?;
                    durable::remove(&path.with_extension("marks"))?;
                }
            }
        }
        all.sort_unstable_by_key(|grant| grant.grant);
        let mut found = Vec::new();
        for grant in all {
            found.extend(grants.restore(grant)?);
        }
        Ok((grants, found, damaged))
    }

    fn restore(&mut self, grant: Grant) -> io::Result<Option<Found>> {
        let bytes = match fs::read(self.marks_path(grant.grant)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            bytes => bytes?,
        };
        let past = marks::past(&bytes, grant.units.len());
        let open = (0..).zip(&past).filter(|(_, past)| **past != Past::Ended);
        let open: BTreeSet<u16> = open.map(|(index, _)| index).collect();
        if open.is_empty() {
            self.remove(grant.grant)?;
            return Ok(None);
        }
        self.open.insert(grant.grant, open);
        Ok(Some(Found { grant, past }))
    }

    /// Whether units of that grant are held.
    pub(crate) fn has(&self, grant: GrantId) -> bool {
        self.open.contains_key(&grant)
    }

    /// Notes a grant as held. It survives a crash only after [`Grants::save`].
    pub(crate) fn take(&mut self, grant: &Grant) {
        let units = (0..).zip(&grant.units).map(|(index, _)| index).collect();
        self.open.insert(grant.grant, units);
    }

    /// Writes a grant down, and which of its units have ended meanwhile. What is left of an older one
    /// with its number goes first.
    pub(crate) fn save(&self, grant: &Grant) -> io::Result<()> {
        let Some(open) = self.open.get(&grant.grant) else { return Ok(()) };
        durable::remove(&self.marks_path(grant.grant))?;
        let sealed = sealed::seal(MARK, grant, &[]).map_err(io::Error::other)?;
        durable::put(&self.folder, &name(grant.grant), &[&sealed.front, &sealed.seal])?;
        let units = (0..).zip(&grant.units).map(|(index, _)| index);
        units
            .filter(|index| !open.contains(index))
            .try_for_each(|index| self.append(LeaseId { grant: grant.grant, index }, Mark::Ended))
    }

    /// Notes what becomes of a unit. A grant whose units have all ended is removed.
    pub(crate) fn mark(&mut self, lease: LeaseId, mark: Mark) -> io::Result<()> {
        let Some(open) = self.open.get_mut(&lease.grant) else { return Ok(()) };
        if mark == Mark::Ended {
            open.remove(&lease.index);
            if open.is_empty() {
                self.open.remove(&lease.grant);
                return self.remove(lease.grant);
            }
        }
        self.append(lease, mark)
    }

    fn append(&self, lease: LeaseId, mark: Mark) -> io::Result<()> {
        disk_point!("client.mark.append")?;
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).open(self.marks_path(lease.grant))?;
        file.write_all(&mark.encode(lease.index))
    }

    fn remove(&self, grant: GrantId) -> io::Result<()> {
        // The grant first: marks without a grant mean nothing, a grant without marks is all undone.
        durable::remove(&self.folder.join(name(grant)))?;
        durable::remove(&self.marks_path(grant))
    }

    fn marks_path(&self, grant: GrantId) -> PathBuf {
        self.folder.join(name(grant)).with_extension("marks")
    }
}

/// How many units a folder holds that have not ended. Changes nothing there.
pub(crate) fn open_units(folder: &Folder) -> io::Result<usize> {
    let entries = match fs::read_dir(folder.grants()) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut open = 0;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        // A running client may remove either file meanwhile.
        let bytes = fs::read(&path).unwrap_or_default();
        let Ok((grant, _)) = sealed::open::<Grant>(MARK, &bytes) else { continue };
        let marks = fs::read(path.with_extension("marks")).unwrap_or_default();
        let past = marks::past(&marks, grant.units.len());
        open += past.iter().filter(|past| **past != Past::Ended).count();
    }
    Ok(open)
}

fn name(grant: GrantId) -> String {
    format!("{:020}.{ENDING}", grant.0)
}

#[cfg(test)]
#[path = "grants_tests.rs"]
mod tests;
