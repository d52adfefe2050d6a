//! A first look at all files, for the progress and for metadata.csv. Nothing is read.

use std::path::PathBuf;

use gleaner_readers::Format;

use super::class::{Class, class};
use super::walk::{Walk, What};

/// What there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Files that are documents by their names.
    pub(crate) documents: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Files and such that are none.
    pub(crate) skipped: u64,
    /// The metadata.csv to use: the one in the fewest folders; of these the first.
    pub(crate) metadata: Option<PathBuf>,
    /// Others, which are left out.
    pub(crate) metadata_unused: Vec<PathBuf>,
}

/// Other metadata.csv that are named to the user.
const UNUSED_MAX: usize = 8;
/// Files between two words about them: some milliseconds.
const SEEN_EVERY: u64 = 256;

/// Looks at all files below these paths; tells now and then how many it has seen.
pub(crate) fn survey(walk: Walk, format: Format, seen: &mut dyn FnMut(u64)) -> Survey {
    let mut survey = Survey::default();
    let mut metadata_depth = usize::MAX;
    for (number, found) in (1..).zip(walk) {
        if number % SEEN_EVERY == 0 {
            seen(number);
        }
        let name = found.path.file_name().unwrap_or_default().to_string_lossy();
        match (class(format, &name), &found.what) {
            (Class::Document(_), What::File { bytes }) => {
                survey.documents += 1;
                survey.bytes += bytes;
            }
            (Class::Metadata, What::File { .. }) => {
                let unused = if found.depth < metadata_depth {
                    metadata_depth = found.depth;
                    survey.metadata.replace(found.path)
                } else {
                    Some(found.path)
                };
                survey.metadata_unused.extend(unused);
                survey.metadata_unused.truncate(UNUSED_MAX);
            }
            (Class::Other, What::File { .. } | What::Closed { .. }) | (_, What::Special) => {
                survey.skipped += 1;
            }
            (_, What::Closed { .. } | What::ClosedFolder { .. }) => {}
        }
    }
    survey
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        let survey = |format| super::survey(Walk::new(&[dir.path().into()]), format, &mut |_| {});
        let auto = survey(Format::Auto);
        assert_eq!((auto.documents, auto.bytes, auto.skipped), (2, 10, 1));
        assert_eq!(auto.metadata, Some(dir.path().join("b/metadata.csv")));
        assert_eq!(auto.metadata_unused.len(), 2);
        let text = survey(Format::Text);
        assert_eq!((text.documents, text.bytes, text.skipped), (1, 5, 2));
    }
}
