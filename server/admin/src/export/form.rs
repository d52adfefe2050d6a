//! The ways to write a row. Pure for text: a row in, bytes out; Parquet is in `parts`.

use std::io::{self, Write};

use clap::ValueEnum;
use gleaner_shared::table::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A header, tabs, no quoting
    Tsv,
    /// RFC 4180
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Typed columns, zstd, a folder for each table
    Parquet,
}

impl Form {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tsv => "tsv",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// The name of a table's file in this form, or of its folder.
    pub(crate) fn file_name(self, name: &str) -> String {
        match self {
            Self::Parquet => name.to_owned(),
            form => format!("{name}.{}", form.name()),
        }
    }

    /// Writes the line before all rows, if there is one.
    pub(super) fn header(self, target: &mut dyn Write, columns: &[String]) -> io::Result<()> {
        match self {
            Self::Tsv => tsv(target, columns.iter().map(|name| Cell::Text(name))),
            Self::Csv => csv(target, columns.iter().map(|name| Cell::Text(name))),
            Self::Jsonl | Self::Parquet => Ok(()),
        }
    }

    /// Writes one row, which has a value for each column.
    pub(super) fn row(
        self,
        target: &mut dyn Write,
        columns: &[String],
        row: &[Value],
    ) -> io::Result<()> {
        match self {
            Self::Tsv => tsv(target, row.iter().map(Cell::of)),
            Self::Csv => csv(target, row.iter().map(Cell::of)),
            Self::Jsonl => {
                serde_json::to_writer(&mut *target, &Object { columns, row })?;
                target.write_all(b"\n")
            }
            Self::Parquet => Err(io::Error::other("Parquet is not written row by row")),
        }
    }
}

/// One value as text.
enum Cell<'a> {
    Text(&'a str),
    Int(i64),
}

impl<'a> Cell<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Int(number) => Self::Int(*number),
        }
    }
}

/// Nothing is quoted, so a value that needs it is refused rather than written wrongly.
fn tsv<'a>(target: &mut dyn Write, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            target.write_all(b"\t")?;
        }
        match cell {
            Cell::Text(text) if text.contains(['\t', '\n', '\r']) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a value has a tab or a line break, which TSV cannot hold: use --format csv",
                ));
            }
            Cell::Text(text) => target.write_all(text.as_bytes())?,
            Cell::Int(number) => write!(target, "{number}")?,
        }
    }
    target.write_all(b"\n")
}

fn csv<'a>(target: &mut dyn Write, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
    let mut builder = ::csv::WriterBuilder::new();
    builder.terminator(::csv::Terminator::CRLF).buffer_capacity(256);
    let mut writer = builder.from_writer(Vec::new());
    for cell in cells {
        match cell {
            Cell::Text(text) => writer.write_field(text),
            Cell::Int(number) => writer.write_field(number.to_string()),
        }?;
    }
    writer.write_record(None::<&[u8]>)?;
    let line = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    target.write_all(&line)
}

/// A row as an object, its columns in order.
struct Object<'a> {
    columns: &'a [String],
    row: &'a [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.row.len()))?;
        for (name, value) in self.columns.iter().zip(self.row) {
            match value {
                Value::Text(text) => map.serialize_entry(name, text)?,
                Value::Int(number) => map.serialize_entry(name, number)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: Form, rows: &[Vec<Value>]) -> io::Result<String> {
        let columns = ["word".to_owned(), "count".to_owned()];
        let mut bytes = Vec::new();
        form.header(&mut bytes, &columns)?;
        for row in rows {
            form.row(&mut bytes, &columns, row)?;
        }
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn row(word: &str, count: i64) -> Vec<Value> {
        vec![Value::Text(word.into()), Value::Int(count)]
    }

    #[test]
    fn tsv_has_a_header_line_feeds_and_no_quotes() {
        let rows = [row("a \"b\", c", 7), row("", i64::MIN)];
        let text = written(Form::Tsv, &rows).unwrap();
        assert_eq!(text, "word\tcount\na \"b\", c\t7\n\t-9223372036854775808\n");
        assert_eq!(written(Form::Tsv, &[]).unwrap(), "word\tcount\n");
    }

    #[test]
    fn tsv_refuses_what_it_cannot_hold() {
        for word in ["a\tb", "a\nb", "a\rb"] {
            let error = written(Form::Tsv, &[row(word, 1)]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(written(Form::Csv, &[row(word, 1)]).is_ok());
        }
    }

    #[test]
    fn csv_is_rfc_4180() {
        let rows = [row("plain", 1), row("a \"b\", c", 2), row("x\ny", 3), row("", 4)];
        let text = written(Form::Csv, &rows).unwrap();
        let lines = "word,count\r\nplain,1\r\n\"a \"\"b\"\", c\",2\r\n\"x\ny\",3\r\n,4\r\n";
        assert_eq!(text, lines);
    }

    #[test]
    fn jsonl_has_one_object_a_line() {
        let text = written(Form::Jsonl, &[row("a\n\"ü\"", i64::MAX), row("b", -1)]).unwrap();
        let lines = "{\"word\":\"a\\n\\\"ü\\\"\",\"count\":9223372036854775807}\n\
                     {\"word\":\"b\",\"count\":-1}\n";
        assert_eq!(text, lines);
    }
}
