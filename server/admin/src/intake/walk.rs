//! All files below some paths, in sorted order, one by one; only open folders are in memory.
//!
//! A folder that is a symbolic link is not followed unless it was named: links can go in circles.
//! `-` is standard input; what a pattern does not match is not there.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use gleaner_shared::limits::FOLDER_DEPTH_MAX;

use super::pattern::{Fit, Pattern};

/// How a file came to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The user named it.
    Named,
    /// It is in a folder that the user named, or matches a pattern.
    Walked,
}

/// Something that the user named.
#[derive(Clone, Debug)]
pub(crate) enum Root {
    /// A file or a folder.
    Path(PathBuf),
    /// Files and folders.
    Pattern(Pattern),
}

impl Root {
    fn path(&self) -> &Path {
        match self {
            Self::Path(path) => path,
            Self::Pattern(pattern) => pattern.base(),
        }
    }
}

/// Something that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    /// Folders above it that were walked.
    pub(crate) depth: usize,
    pub(crate) what: What,
}

/// What it is.
#[derive(Debug)]
pub(crate) enum What {
    /// A file of so many bytes.
    File { bytes: u64 },
    /// Standard input.
    Stdin,
    /// A socket, a pipe, a folder behind a link.
    Special,
    /// Whatever it is, the system does not let us see it.
    Closed { why: String },
    /// The same, and it is a folder: nobody knows what is in it.
    ClosedFolder { why: String },
}

/// Walks.
#[derive(Debug)]
pub(crate) struct Walk {
    roots: IntoIter<Root>,
    /// The one that is walked.
    pattern: Option<Pattern>,
    /// The entries still to visit, of each open folder.
    open: Vec<IntoIter<PathBuf>>,
}

impl Walk {
    /// Below these roots, which are sorted first.
    pub(crate) fn new(roots: &[Root]) -> Self {
        let mut roots = roots.to_vec();
        roots.sort_by(|a, b| a.path().cmp(b.path()));
        roots.dedup_by(|a, b| matches!((a, b), (Root::Path(a), Root::Path(b)) if a == b));
        Self { roots: roots.into_iter(), pattern: None, open: Vec::new() }
    }

    /// Begins with the next root.
    fn begin(&mut self) -> Option<()> {
        let root = self.roots.next()?;
        let path = root.path().to_path_buf();
        self.pattern = match root {
            Root::Path(_) => None,
            Root::Pattern(pattern) => Some(pattern),
        };
        self.open.push(vec![path].into_iter());
        Some(())
    }

    /// Looks at one path; `None` if it is a folder that is now open, or nothing that was meant.
    fn visit(&mut self, path: PathBuf) -> Option<Found> {
        let depth = self.open.len() - 1;
        let is_root = depth == 0;
        let fit = self.pattern.as_ref().map_or(Fit::Whole, |pattern| pattern.fit(&path));
        let origin = match is_root && self.pattern.is_none() {
            true => Origin::Named,
            false => Origin::Walked,
        };
        if is_root && path.as_os_str() == "-" {
            return Some(Found { path, origin, depth, what: What::Stdin });
        }
        let what = match fs::metadata(&path) {
            Err(error) => What::Closed { why: error.to_string() },
            Ok(facts) if facts.is_file() => What::File { bytes: facts.len() },
            Ok(facts) if facts.is_dir() && fit == Fit::No => return None,
            Ok(facts) if facts.is_dir() && (is_root || !is_link(&path)) => {
                match self.enter(&path) {
                    Ok(()) => return None,
                    Err(why) => What::ClosedFolder { why },
                }
            }
            Ok(_) => What::Special,
        };
        (fit == Fit::Whole).then_some(Found { path, origin, depth, what })
    }

    fn enter(&mut self, path: &Path) -> Result<(), String> {
        if self.open.len() > FOLDER_DEPTH_MAX {
            return Err(format!("more than {FOLDER_DEPTH_MAX} folders inside each other"));
        }
        let entries = fs::read_dir(path).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        });
        let mut entries = entries.map_err(|error| error.to_string())?;
        entries.sort();
        self.open.push(entries.into_iter());
        Ok(())
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|facts: Metadata| facts.is_symlink())
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let Some(open) = self.open.last_mut() else {
                self.begin()?;
                continue;
            };
            match open.next() {
                Some(path) => {
                    if let Some(found) = self.visit(path) {
                        return Some(found);
                    }
                }
                None => {
                    self.open.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in ["b/2.txt", "b/10.txt", "a.txt", "c/d/e.txt", "c/a.txt", "Z.txt"] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        dir
    }

    fn roots(paths: &[PathBuf]) -> Vec<Root> {
        let root = |path: &PathBuf| match Pattern::of(path).unwrap() {
            Some(pattern) => Root::Pattern(pattern),
            None => Root::Path(path.clone()),
        };
        paths.iter().map(root).collect()
    }

    fn names(dir: &Path, paths: &[PathBuf]) -> Vec<String> {
        let walk = Walk::new(&roots(paths));
        walk.map(|found| found.path.strip_prefix(dir).unwrap().display().to_string()).collect()
    }

    #[test]
    fn folders_are_walked_in_byte_order() {
        let dir = tree();
        let all = ["Z.txt", "a.txt", "b/10.txt", "b/2.txt", "c/a.txt", "c/d/e.txt"];
        assert_eq!(names(dir.path(), &[dir.path().into()]), all);
        let (a, c) = (dir.path().join("a.txt"), dir.path().join("c"));
        let some = names(dir.path(), &[c.clone(), a.clone(), c]);
        assert_eq!(some, ["a.txt", "c/a.txt", "c/d/e.txt"], "the order of arguments means nothing");
    }

    #[test]
    fn what_is_named_is_known_as_such() {
        let dir = tree();
        let mut walk = Walk::new(&roots(&[dir.path().join("a.txt"), dir.path().join("c")]));
        let (named, walked) = (walk.next().unwrap(), walk.next().unwrap());
        assert_eq!((named.origin, named.depth), (Origin::Named, 0));
        assert_eq!((walked.origin, walked.depth), (Origin::Walked, 1));
        assert!(matches!(named.what, What::File { bytes: 4 }));
    }

    #[test]
    fn a_pattern_gives_what_matches_in_order() {
        let dir = tree();
        let walked = |pattern: &str| names(dir.path(), &[dir.path().join(pattern)]);
        assert_eq!(walked("*.txt"), ["Z.txt", "a.txt"]);
        assert_eq!(walked("**/?.txt"), ["Z.txt", "a.txt", "b/2.txt", "c/a.txt", "c/d/e.txt"]);
        assert_eq!(walked("[bc]"), ["b/10.txt", "b/2.txt", "c/a.txt", "c/d/e.txt"]);
        assert_eq!(walked("*/a.txt"), ["c/a.txt"]);
        assert_eq!(walked("*.json"), Vec::<String>::new());
        let walk = Walk::new(&roots(&[dir.path().join("*.txt")]));
        assert!(walk.into_iter().all(|found| found.origin == Origin::Walked));
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_files_but_not_in_circles() {
        let dir = tree();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/up")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("a.txt"), dir.path().join("b/a.txt")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("b/broken.txt")).unwrap();
        let found: Vec<_> = Walk::new(&roots(&[dir.path().join("b")])).collect();
        let what = |name: &str| {
            &found.iter().find(|found| found.path.ends_with(name)).expect("it is found").what
        };
        assert!(matches!(what("b/up"), What::Special));
        assert!(matches!(what("b/a.txt"), What::File { bytes: 4 }));
        assert!(matches!(what("b/broken.txt"), What::Closed { .. }));
        assert_eq!(found.len(), 5);
    }
}
