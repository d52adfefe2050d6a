//! Which ids this intake has met, so that two files with one id are told by both names.
//!
//! About 100 bytes a document: a folder is kept once, of a file's name only the ending.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The ids so far, each with its file.
#[derive(Debug, Default)]
pub(super) struct Seen {
    files: HashMap<Box<str>, First>,
    folder: Option<Arc<Path>>,
}

/// The first file with an id.
#[derive(Debug)]
struct First {
    folder: Arc<Path>,
    /// What the name has after the id.
    ending: Box<str>,
}

/// What is known of an id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// It is new.
    New,
    /// It is this very file's, which was named twice.
    Same,
    /// It is that other file's.
    Other(PathBuf),
}

impl Seen {
    /// What is known of the id of this file, whose name begins with it.
    pub(super) fn find(&self, id: &str, path: &Path) -> Met {
        let Some(first) = self.files.get(id) else { return Met::New };
        let other = first.folder.join(format!("{id}{}", first.ending));
        if other == path { Met::Same } else { Met::Other(other) }
    }

    /// The id belongs to this file from now on.
    pub(super) fn keep(&mut self, id: &str, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parent = path.parent().unwrap_or(Path::new(""));
        let folder = match &self.folder {
            Some(folder) if **folder == *parent => folder.clone(),
            _ => self.folder.insert(parent.into()).clone(),
        };
        let ending = name.strip_prefix(id).unwrap_or_default().into();
        self.files.insert(id.into(), First { folder, ending });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_with_an_id_learns_of_the_first() {
        let mut seen = Seen::default();
        let first = Path::new("a/PMC1.xml.json");
        assert_eq!(seen.find("PMC1", first), Met::New);
        seen.keep("PMC1", first);
        assert_eq!(seen.find("PMC1", first), Met::Same);
        assert_eq!(seen.find("PMC1", Path::new("b/PMC1.xml")), Met::Other(first.into()));
        seen.keep("x", Path::new("x.txt"));
        assert_eq!(seen.find("x", Path::new("b/x.txt")), Met::Other("x.txt".into()));
    }
}
