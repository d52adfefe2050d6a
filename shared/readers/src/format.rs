//! Which files of a corpus are documents, and of which kind: by their names alone.

use core::fmt;
use core::str::FromStr;

use gleaner_shared::document::Kind;

/// How a corpus says what its files are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Each file by the end of its name.
    #[default]
    Auto,
    /// Only CORD-19 JSON parses.
    Cord19,
    /// Only JATS XML articles.
    Jats,
    /// Only plain text.
    Text,
}

/// A format that Gleaner does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{0}`: give auto, cord19, jats or text")]
pub struct FormatUnknown(pub String);

impl FromStr for Format {
    type Err = FormatUnknown;

    fn from_str(word: &str) -> Result<Self, FormatUnknown> {
        match word {
            "auto" => Ok(Self::Auto),
            "cord19" => Ok(Self::Cord19),
            "jats" => Ok(Self::Jats),
            "text" => Ok(Self::Text),
            _ => Err(FormatUnknown(word.to_owned())),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Cord19 => Kind::Cord19.name(),
            Self::Jats => Kind::Jats.name(),
            Self::Text => Kind::Text.name(),
        })
    }
}

/// The kind of document that a file is in a corpus of this format, or `None` if it is none.
///
/// A format other than `auto` narrows: a folder holds licences, a `metadata.csv` and the like
/// beside its documents, and these are never read as documents.
pub fn kind_of(format: Format, file_name: &str) -> Option<Kind> {
    let kind = match file_name.rsplit_once('.')?.1 {
        "json" => Kind::Cord19,
        "xml" | "nxml" => Kind::Jats,
        "txt" => Kind::Text,
        _ => return None,
    };
    let wanted = match format {
        Format::Auto => kind,
        Format::Cord19 => Kind::Cord19,
        Format::Jats => Kind::Jats,
        Format::Text => Kind::Text,
    };
    (kind == wanted).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_what_it_was_read_from() {
        for word in ["auto", "cord19", "jats", "text"] {
            assert_eq!(word.parse::<Format>().unwrap().to_string(), word);
        }
        let error = "pdf".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "unknown format `pdf`: give auto, cord19, jats or text");
    }

    #[test]
    fn the_end_of_a_name_gives_the_kind() {
        let cases = [
            ("a.json", Some(Kind::Cord19)),
            ("PMC1.xml.json", Some(Kind::Cord19)),
            ("a.xml", Some(Kind::Jats)),
            ("a.nxml", Some(Kind::Jats)),
            ("a.json.txt", Some(Kind::Text)),
            ("metadata.csv", None),
            ("README", None),
            ("json", None),
            ("", None),
            ("a.TXT", None),
            ("a.json~", None),
        ];
        for (name, kind) in cases {
            assert_eq!(kind_of(Format::Auto, name), kind, "{name}");
        }
    }

    #[test]
    fn a_named_format_only_narrows() {
        assert_eq!(kind_of(Format::Cord19, "a.json"), Some(Kind::Cord19));
        assert_eq!(kind_of(Format::Jats, "a.nxml"), Some(Kind::Jats));
        assert_eq!(kind_of(Format::Text, "a.txt"), Some(Kind::Text));
        assert_eq!(kind_of(Format::Text, "a.json"), None);
        assert_eq!(kind_of(Format::Cord19, "metadata.csv"), None);
    }
}
