//! What a file is for an intake, by its name alone.

use gleaner_readers::{Form, Format, Naming, Packing, RowForm};

/// What is wanted of files.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Which files.
    pub(crate) format: Format,
    /// Which columns of rows.
    pub(crate) columns: gleaner_readers::Columns,
    /// Bytes of one document at most.
    pub(crate) document_bytes_max: usize,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It holds documents.
    Taken {
        /// How it is packed.
        packing: Packing,
        /// How it holds them.
        form: Form,
    },
    /// The years of publication; never a document.
    Metadata,
    /// A table of which nobody has said which columns are text.
    Table,
    /// Neither.
    Other,
}

/// The name of CORD-19's table of years.
pub(super) const METADATA: &str = "metadata.csv";

impl Wish {
    /// What the file of that name is, in a folder or, `inside`, in an archive.
    pub(super) fn class(&self, file_name: &str, place: Place) -> Class {
        let Naming { packing, inner, form } = Naming::of(file_name);
        if inner == METADATA {
            return Class::Metadata;
        }
        let format = match place {
            Place::Folder => self.format,
            Place::Archive => self.format.inside(),
        };
        match form {
            Some(Form::Rows(RowForm::Csv | RowForm::Tsv)) if self.columns.text.is_empty() => {
                Class::Table
            }
            Some(form) if format.takes(form) => Class::Taken { packing, form },
            _ => Class::Other,
        }
    }
}

/// Where a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Folder,
    Archive,
}

#[cfg(test)]
mod tests {
    use gleaner_shared::document::Kind;

    use super::*;

    fn class(format: Format, text: &[&str], name: &str) -> Class {
        let text = text.iter().map(|name| (*name).to_owned()).collect();
        let columns = gleaner_readers::Columns { text, ..Default::default() };
        Wish { format, columns, document_bytes_max: 1 }.class(name, Place::Folder)
    }

    #[test]
    fn metadata_is_never_a_document() {
        for format in [Format::Auto, Format::Cord19, Format::Jats, Format::Text, Format::Csv] {
            for name in ["metadata.csv", "metadata.csv.gz"] {
                assert_eq!(class(format, &["title"], name), Class::Metadata);
            }
        }
    }

    #[test]
    fn a_table_is_taken_if_its_columns_are_known() {
        let taken = |packing, form| Class::Taken { packing, form };
        let rows = Form::Rows(RowForm::Csv);
        assert_eq!(class(Format::Auto, &[], "a.csv"), Class::Table);
        assert_eq!(class(Format::Auto, &["t"], "a.csv.gz"), taken(Packing::Gzip, rows));
        assert_eq!(class(Format::Jats, &["t"], "a.csv"), Class::Other);
        let text = Form::Document(Kind::Text);
        assert_eq!(class(Format::Auto, &[], "a.txt"), taken(Packing::Plain, text));
        assert_eq!(class(Format::Jats, &[], "a.txt"), Class::Other);
        assert_eq!(class(Format::Auto, &[], "LICENSE"), Class::Other);
    }
}
