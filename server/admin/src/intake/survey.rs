//! A first look at all files, for the progress and for metadata.csv. Nothing is read.

use std::path::PathBuf;

use super::class::{Class, Place, Wish};
use super::walk::{Walk, What};

/// What there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Bytes of files that hold documents by their names.
    pub(crate) bytes: u64,
    /// Whether anything at all was found.
    pub(crate) is_empty: bool,
    /// The metadata.csv to use: the one in the fewest folders; of these the first.
    pub(crate) metadata: Option<PathBuf>,
    /// Others, which are left out.
    pub(crate) metadata_unused: Vec<PathBuf>,
}

/// Other metadata.csv that are named to the user.
const UNUSED_MAX: usize = 8;
/// Files between two words about them: some milliseconds.
pub(crate) const SEEN_EVERY: u64 = 256;

/// Looks at all files of a walk; tells now and then how many it has seen.
pub(crate) fn survey(walk: Walk, wish: &Wish, seen: &mut dyn FnMut(u64)) -> Survey {
    let mut survey = Survey { is_empty: true, ..Survey::default() };
    let mut metadata_depth = usize::MAX;
    for (number, found) in (1..).zip(walk) {
        survey.is_empty = false;
        if number % SEEN_EVERY == 0 {
            seen(number);
        }
        let name = found.path.file_name().unwrap_or_default().to_string_lossy();
        let What::File { bytes } = found.what else { continue };
        match wish.class(&name, Place::Folder) {
            Class::Taken { .. } => survey.bytes += bytes,
            Class::Metadata => {
                let unused = if found.depth < metadata_depth {
                    metadata_depth = found.depth;
                    survey.metadata.replace(found.path)
                } else {
                    Some(found.path)
                };
                survey.metadata_unused.extend(unused);
                survey.metadata_unused.truncate(UNUSED_MAX);
            }
            Class::Table | Class::Other => {}
        }
    }
    survey
}

#[cfg(test)]
mod tests {
    use std::fs;

    use gleaner_readers::{Columns, Format};

    use super::super::walk::Root;
    use super::*;

    #[test]
    fn documents_are_counted_and_the_nearest_metadata_wins() {
        let dir = tempfile::tempdir().unwrap();
        for path in
            ["a/b/metadata.csv", "a/x.json", "b/metadata.csv", "c/metadata.csv", "d.txt", "e.pdf"]
        {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "12345").unwrap();
        }
        let survey = |format| {
            let wish = Wish { format, columns: Columns::default(), document_bytes_max: 1 };
            super::survey(Walk::new(&[Root::Path(dir.path().into())]), &wish, &mut |_| {})
        };
        let auto = survey(Format::Auto);
        assert_eq!((auto.bytes, auto.is_empty), (10, false));
        assert_eq!(auto.metadata, Some(dir.path().join("b/metadata.csv")));
        assert_eq!(auto.metadata_unused.len(), 2);
        assert_eq!(survey(Format::Text).bytes, 5);
    }
}
