//! Which ids this intake has met, so that two documents with one id are told by both places.
//!
//! An id is kept as its digest, a folder's name once for the documents that follow each other in it,
//! of a document's own name only the ending: some 50 bytes each, up to a bound.

use std::collections::HashMap;

use gleaner_shared::digest::digest;
use gleaner_shared::limits::{FOLDER_NAMES_BYTES_MAX, IDS_KEPT_MAX};

/// The ids so far, each with where it was met first.
#[derive(Debug, Default)]
pub(super) struct Seen {
    places: HashMap<[u8; 16], Kept>,
    folders: Vec<Box<str>>,
    folder_bytes: usize,
    endings: Vec<Box<str>>,
}

/// Where a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot<'s> {
    /// A file, by its whole name, which ends in its own name.
    File { source: &'s str, name: &'s str },
    /// A row of a file.
    Row { source: &'s str, line: u64 },
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    folder: u32,
    rest: Rest,
}

#[derive(Clone, Copy, Debug)]
enum Rest {
    Ending(u16),
    Line(u32),
}

/// Endings that are told apart; there are seven forms and two packings.
const ENDINGS_MAX: usize = 256;

impl Seen {
    /// Where a document with this id was met.
    pub(super) fn find(&self, id: &str) -> Option<String> {
        let Kept { folder, rest } = *self.places.get(&key(id))?;
        let folder = self.folders.get(folder as usize).map_or("…/", AsRef::as_ref);
        Some(match rest {
            Rest::Line(line) => format!("{folder} line {line}"),
            Rest::Ending(ending) => {
                let ending = self.endings.get(usize::from(ending)).map_or("…", AsRef::as_ref);
                format!("{folder}{id}{ending}")
            }
        })
    }

    /// The id belongs to what is there from now on.
    pub(super) fn keep(&mut self, id: &str, spot: Spot<'_>) {
        if self.places.len() >= IDS_KEPT_MAX {
            return;
        }
        let kept = match spot {
            Spot::Row { source, line } => Kept {
                folder: self.folder(source),
                rest: Rest::Line(u32::try_from(line).unwrap_or(u32::MAX)),
            },
            Spot::File { source, name } => Kept {
                folder: self.folder(source.strip_suffix(name).unwrap_or_default()),
                rest: Rest::Ending(self.ending(name.strip_prefix(id).unwrap_or_default())),
            },
        };
        self.places.insert(key(id), kept);
    }

    fn folder(&mut self, name: &str) -> u32 {
        if self.folders.last().is_none_or(|last| **last != *name) {
            if self.folder_bytes + name.len() > FOLDER_NAMES_BYTES_MAX {
                return u32::MAX;
            }
            self.folder_bytes += name.len() + size_of::<Box<str>>();
            self.folders.push(name.into());
        }
        u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX)
    }

    fn ending(&mut self, ending: &str) -> u16 {
        let known = self.endings.iter().position(|known| **known == *ending);
        let place = known.unwrap_or(self.endings.len());
        if place == ENDINGS_MAX {
            return u16::MAX;
        }
        if place == self.endings.len() {
            self.endings.push(ending.into());
        }
        u16::try_from(place).unwrap_or(u16::MAX)
    }
}

fn key(id: &str) -> [u8; 16] {
    let digest = digest(id.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&digest.0[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_document_with_an_id_learns_of_the_first() {
        let mut seen = Seen::default();
        assert_eq!(seen.find("PMC1"), None);
        seen.keep("PMC1", Spot::File { source: "a/PMC1.xml.json", name: "PMC1.xml.json" });
        seen.keep("x", Spot::File { source: "x.txt", name: "x.txt" });
        seen.keep("y", Spot::File { source: "z.tar!d/y.txt.gz", name: "y.txt.gz" });
        seen.keep("row", Spot::Row { source: "r.jsonl", line: 7 });
        for (id, place) in [
            ("PMC1", "a/PMC1.xml.json"),
            ("x", "x.txt"),
            ("y", "z.tar!d/y.txt.gz"),
            ("row", "r.jsonl line 7"),
        ] {
            assert_eq!(seen.find(id).as_deref(), Some(place));
        }
    }

    #[test]
    fn long_folders_have_an_end() {
        let mut seen = Seen::default();
        let long = "d".repeat(1024 * 1024);
        for number in 0..40 {
            let (id, name) = (number.to_string(), format!("{number}.txt"));
            let source = format!("{long}/{number}/{name}");
            seen.keep(&id, Spot::File { source: &source, name: &name });
        }
        assert!(seen.folder_bytes <= FOLDER_NAMES_BYTES_MAX);
        assert!(seen.find("1").unwrap().ends_with("/1/1.txt"));
        assert_eq!(seen.find("39").unwrap(), "…/39.txt");
    }
}
