//! What a file's name says of it: how it is packed, and what it holds.

use gleaner_shared::document::Kind;

/// How the bytes of a file are packed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one or more members after each other.
    Gzip,
    /// zstd, one or more frames after each other.
    Zstd,
}

/// What a file holds once it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One document of this kind.
    Document(Kind),
    /// A document a row.
    Rows(RowForm),
    /// Files.
    Archive(ArchiveForm),
    /// It is packed a second time, which nothing here undoes.
    Packed,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowForm {
    /// A JSON object a line.
    Jsonl,
    /// RFC 4180, with a header.
    Csv,
    /// Fields parted by tabs, without quotes, with a header.
    Tsv,
}

/// How files are put into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveForm {
    /// One after the other.
    Tar,
    /// With a table of them at the end.
    Zip,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming<'n> {
    /// How the file is packed.
    pub packing: Packing,
    /// The name that it has without this packing; it gives the document's id.
    pub inner: &'n str,
    /// What it holds, if that is anything we read.
    pub form: Option<Form>,
}

impl<'n> Naming<'n> {
    /// Of a file's name, without folders.
    pub fn of(file_name: &'n str) -> Self {
        let tar = Some(Form::Archive(ArchiveForm::Tar));
        let endings = [
            (".tgz", Packing::Gzip, tar),
            (".tzst", Packing::Zstd, tar),
            (".gz", Packing::Gzip, None),
            (".zst", Packing::Zstd, None),
        ];
        for (ending, packing, form) in endings {
            if let Some(inner) = file_name.strip_suffix(ending) {
                return Self { packing, inner, form: form.or_else(|| form_of(inner)) };
            }
        }
        Self { packing: Packing::Plain, inner: file_name, form: form_of(file_name) }
    }
}

fn form_of(name: &str) -> Option<Form> {
    let form = match name.rsplit_once('.')?.1 {
        "json" => Form::Document(Kind::Cord19),
        "xml" | "nxml" => Form::Document(Kind::Jats),
        "txt" => Form::Document(Kind::Text),
        "jsonl" | "ndjson" => Form::Rows(RowForm::Jsonl),
        "csv" => Form::Rows(RowForm::Csv),
        "tsv" => Form::Rows(RowForm::Tsv),
        "tar" => Form::Archive(ArchiveForm::Tar),
        "zip" => Form::Archive(ArchiveForm::Zip),
        "gz" | "zst" | "tgz" | "tzst" => Form::Packed,
        _ => return None,
    };
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_what_a_file_is() {
        let (plain, gzip, zstd) = (Packing::Plain, Packing::Gzip, Packing::Zstd);
        let document = |kind| Some(Form::Document(kind));
        let rows = |form| Some(Form::Rows(form));
        let archive = |form| Some(Form::Archive(form));
        for (name, packing, inner, form) in [
            ("a.json", plain, "a.json", document(Kind::Cord19)),
            ("PMC1.xml.json", plain, "PMC1.xml.json", document(Kind::Cord19)),
            ("a.nxml.gz", gzip, "a.nxml", document(Kind::Jats)),
            ("a.txt.zst", zstd, "a.txt", document(Kind::Text)),
            ("a.jsonl", plain, "a.jsonl", rows(RowForm::Jsonl)),
            ("a.ndjson.gz", gzip, "a.ndjson", rows(RowForm::Jsonl)),
            ("a.csv", plain, "a.csv", rows(RowForm::Csv)),
            ("a.tsv.zst", zstd, "a.tsv", rows(RowForm::Tsv)),
            ("a.tar", plain, "a.tar", archive(ArchiveForm::Tar)),
            ("a.tar.gz", gzip, "a.tar", archive(ArchiveForm::Tar)),
            ("a.tgz", gzip, "a", archive(ArchiveForm::Tar)),
            ("a.tar.zst", zstd, "a.tar", archive(ArchiveForm::Tar)),
            ("a.zip", plain, "a.zip", archive(ArchiveForm::Zip)),
            ("a.txt.gz.gz", gzip, "a.txt.gz", Some(Form::Packed)),
            ("a.tgz.zst", zstd, "a.tgz", Some(Form::Packed)),
            ("README", plain, "README", None),
            ("a.gz", gzip, "a", None),
            ("a.TXT", plain, "a.TXT", None),
            ("a.json~", plain, "a.json~", None),
            ("json", plain, "json", None),
            ("", plain, "", None),
        ] {
            assert_eq!(Naming::of(name), Naming { packing, inner, form }, "{name}");
        }
    }
}
