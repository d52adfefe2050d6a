//! Which files of a corpus are taken: all that can be read, or those of one format.

use core::fmt;
use core::str::FromStr;

use gleaner_shared::document::Kind;

use crate::naming::{ArchiveForm, Form, Naming, Packing, RowForm};

/// What an intake takes.
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
    /// Only JSON lines.
    Jsonl,
    /// Only CSV.
    Csv,
    /// Only TSV.
    Tsv,
    /// Only tar archives, with all that is in them.
    Tar,
    /// Only zip archives, with all that is in them.
    Zip,
}

/// The words for formats.
const WORDS: [(&str, Format); 9] = [
    ("auto", Format::Auto),
    (Kind::Cord19.name(), Format::Cord19),
    (Kind::Jats.name(), Format::Jats),
    (Kind::Text.name(), Format::Text),
    ("jsonl", Format::Jsonl),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("tar", Format::Tar),
    ("zip", Format::Zip),
];

/// A format that Gleaner does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{0}`: give auto, cord19, jats, text, jsonl, csv, tsv, tar or zip")]
pub struct FormatUnknown(pub String);

impl FromStr for Format {
    type Err = FormatUnknown;

    fn from_str(word: &str) -> Result<Self, FormatUnknown> {
        let known = WORDS.iter().find(|(known, _)| *known == word);
        known.map(|(_, format)| *format).ok_or_else(|| FormatUnknown(word.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(_, format)| format == self).map(|(word, _)| *word);
        f.pad(word.expect("each format has a word"))
    }
}

impl Format {
    /// The one form that it asks for; none for `auto`.
    pub fn form(self) -> Option<Form> {
        match self {
            Self::Auto => None,
            Self::Cord19 => Some(Form::Document(Kind::Cord19)),
            Self::Jats => Some(Form::Document(Kind::Jats)),
            Self::Text => Some(Form::Document(Kind::Text)),
            Self::Jsonl => Some(Form::Rows(RowForm::Jsonl)),
            Self::Csv => Some(Form::Rows(RowForm::Csv)),
            Self::Tsv => Some(Form::Rows(RowForm::Tsv)),
            Self::Tar => Some(Form::Archive(ArchiveForm::Tar)),
            Self::Zip => Some(Form::Archive(ArchiveForm::Zip)),
        }
    }

    /// Whether files of this form are taken. Archives are opened whatever is wanted of them, unless
    /// another kind of archive is wanted.
    pub fn takes(self, form: Form) -> bool {
        match (self.form(), form) {
            (None, _) => true,
            (Some(wanted), form) if wanted == form => true,
            (Some(Form::Archive(_)), _) => false,
            (Some(_), form) => matches!(form, Form::Archive(_) | Form::Packed),
        }
    }

    /// What is taken of the files in an archive.
    pub fn inside(self) -> Self {
        match self {
            Self::Tar | Self::Zip => Self::Auto,
            other => other,
        }
    }
}

/// The kind of document that an unpacked file is in a corpus of this format, or `None` if it is
/// none.
///
/// A format other than `auto` narrows: a folder holds licences, a `metadata.csv` and the like
/// beside its documents, and these are never read as documents.
pub fn kind_of(format: Format, file_name: &str) -> Option<Kind> {
    match Naming::of(file_name) {
        Naming { packing: Packing::Plain, form: Some(form @ Form::Document(kind)), .. } => {
            format.takes(form).then_some(kind)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_what_it_was_read_from() {
        for (word, format) in WORDS {
            assert_eq!(word.parse::<Format>().unwrap().to_string(), word);
            assert_eq!(word.parse(), Ok(format));
        }
        let error = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(error.starts_with("unknown format `pdf`: give auto, "), "{error}");
        assert!(WORDS.iter().all(|(word, _)| error.contains(word)), "{error}");
    }

    #[test]
    fn the_end_of_a_name_gives_the_kind() {
        let cases = [
            ("a.json", Some(Kind::Cord19)),
            ("PMC1.xml.json", Some(Kind::Cord19)),
            ("a.xml", Some(Kind::Jats)),
            ("a.nxml", Some(Kind::Jats)),
            ("a.json.txt", Some(Kind::Text)),
            ("a.txt.gz", None),
            ("metadata.csv", None),
            ("README", None),
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

    #[test]
    fn archives_are_opened_for_what_is_in_them() {
        let (tar, zip) = (Form::Archive(ArchiveForm::Tar), Form::Archive(ArchiveForm::Zip));
        for format in [Format::Auto, Format::Text, Format::Jsonl] {
            assert!(format.takes(tar) && format.takes(zip) && format.inside() == format);
        }
        assert!(Format::Tar.takes(tar) && !Format::Tar.takes(zip));
        assert!(!Format::Tar.takes(Form::Document(Kind::Text)));
        assert_eq!(Format::Tar.inside(), Format::Auto);
    }
}
