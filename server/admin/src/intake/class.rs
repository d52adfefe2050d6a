//! What a file is, by its name alone.

use gleaner_readers::{Format, kind_of};
use gleaner_shared::document::Kind;

/// What a file is for an intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A document of this kind.
    Document(Kind),
    /// The years of publication; never a document.
    Metadata,
    /// Neither.
    Other,
}

/// What the file of that name is in a corpus of that format.
pub(super) fn class(format: Format, file_name: &str) -> Class {
    if file_name == METADATA {
        return Class::Metadata;
    }
    kind_of(format, file_name).map_or(Class::Other, Class::Document)
}

/// The name of CORD-19's table of years.
pub(super) const METADATA: &str = "metadata.csv";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_never_a_document() {
        for format in [Format::Auto, Format::Cord19, Format::Jats, Format::Text] {
            assert_eq!(class(format, "metadata.csv"), Class::Metadata);
        }
        assert_eq!(class(Format::Auto, "a.txt"), Class::Document(Kind::Text));
        assert_eq!(class(Format::Jats, "a.txt"), Class::Other);
        assert_eq!(class(Format::Auto, "LICENSE"), Class::Other);
    }
}
