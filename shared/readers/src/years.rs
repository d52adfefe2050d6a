//! The years of publication that a corpus's metadata.csv gives its files.

use std::collections::HashMap;
use std::io::Read;

use gleaner_shared::limits::{METADATA_FILES_MAX, METADATA_ROW_BYTES_MAX};

use crate::meter::{Meter, is_too_long};
use crate::name::doc_id;
use crate::position::{Lead, Position};

/// Years by document id; about 100 bytes a file while an intake runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Years {
    years: HashMap<Box<str>, u16>,
}

/// A metadata.csv that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{lead}{fault}", lead = Lead(self.position))]
pub struct BrokenMetadata {
    /// What is wrong.
    pub fault: MetadataFault,
    /// The line on which the broken row begins, if one is.
    pub position: Option<Position>,
}

/// What can be wrong with a metadata.csv.
#[derive(Debug, thiserror::Error)]
pub enum MetadataFault {
    /// The source gave out.
    #[error("cannot be read on: {0}")]
    Io(std::io::Error),
    /// The header lacks a column.
    #[error("metadata.csv has no column `{0}`: it must be CORD-19's, of May 2020 or later")]
    NoColumn(&'static str),
    /// A row has more or fewer fields than the header.
    #[error("{fields} fields where the header has {columns}: mind quotes and commas")]
    Fields {
        /// Fields of the row.
        fields: u64,
        /// Fields of the header.
        columns: u64,
    },
    /// CSV must be UTF-8.
    #[error("not UTF-8: convert the file")]
    NotUtf8,
    /// A row is too long, mostly because a quote was never closed.
    #[error("a row of more than {METADATA_ROW_BYTES_MAX} bytes: is a quote not closed?")]
    TooLong,
    /// The file names too many files.
    #[error("more than {METADATA_FILES_MAX} files are named")]
    TooManyFiles,
}

impl Years {
    /// No year is known.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a metadata.csv of CORD-19 (RFC 4180, UTF-8). One broken row breaks the file: a lost
    /// quote would otherwise cost the years of any number of rows in silence. Of rows that name
    /// the same file, the last one counts.
    pub fn read(source: impl Read) -> Result<Self, BrokenMetadata> {
        let mut reader = csv::Reader::from_reader(Meter::new(source, METADATA_ROW_BYTES_MAX));
        let header = reader.headers().map_err(|error| broken(error, 1))?;
        let columns = Columns::of(header)?;
        let mut years = Self::empty();
        let mut row = csv::StringRecord::new();
        loop {
            reader.get_mut().begin_item();
            let line = reader.position().line();
            if !reader.read_record(&mut row).map_err(|error| broken(error, line))? {
                return Ok(years);
            }
            let Some(year) = row.get(columns.time).and_then(year_of) else { continue };
            let lists = columns.files.iter().filter_map(|&column| row.get(column));
            for file in lists.flat_map(|list| list.split(';')) {
                years.insert(file.trim(), year)?;
            }
        }
    }

    /// Notes the year of a file. What can be no document's file needs none.
    fn insert(&mut self, path: &str, year: u16) -> Result<(), BrokenMetadata> {
        let file_name = path.rsplit('/').next().unwrap_or(path);
        if let Ok(id) = doc_id(file_name) {
            self.years.insert(id.into_boxed_str(), year);
        }
        if self.years.len() > METADATA_FILES_MAX {
            return Err(MetadataFault::TooManyFiles.on(None));
        }
        Ok(())
    }

    /// The year that metadata.csv gives the document, if it does.
    pub fn get(&self, doc_id: &str) -> Option<u16> {
        self.years.get(doc_id).copied()
    }
}

impl MetadataFault {
    fn on(self, line: Option<u64>) -> BrokenMetadata {
        BrokenMetadata { fault: self, position: line.map(Position::line) }
    }
}

/// Where the three columns that count are.
struct Columns {
    time: usize,
    files: [usize; 2],
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, BrokenMetadata> {
        let column = |name: &'static str| {
            let at = header.iter().position(|column| column == name);
            at.ok_or_else(|| MetadataFault::NoColumn(name).on(Some(1)))
        };
        Ok(Self {
            time: column("publish_time")?,
            files: [column("pdf_json_files")?, column("pmc_json_files")?],
        })
    }
}

/// The year of a time that starts with four digits.
pub(crate) fn year_of(time: &str) -> Option<u16> {
    let digits = time.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Says it in our words; `line` is where the row began that could not be read.
fn broken(error: csv::Error, line: u64) -> BrokenMetadata {
    let line = error.position().map_or(line, csv::Position::line);
    let fault = match error.into_kind() {
        csv::ErrorKind::Io(error) if is_too_long(&error) => MetadataFault::TooLong,
        csv::ErrorKind::Io(error) => MetadataFault::Io(error),
        csv::ErrorKind::Utf8 { .. } => MetadataFault::NotUtf8,
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            MetadataFault::Fields { fields: len, columns: expected_len }
        }
        // Seeking, serde and whatever csv may add: none is asked for here.
        other => MetadataFault::Io(std::io::Error::other(format!("{other:?}"))),
    };
    fault.on(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "title,publish_time,pdf_json_files,pmc_json_files";

    fn read(rows: &str) -> Result<Years, BrokenMetadata> {
        Years::read(format!("{HEADER}\n{rows}").as_bytes())
    }

    #[test]
    fn each_file_that_a_row_names_has_its_year() {
        let years = read(
            "a,2003-01-13,p/pdf_json/1.json; p/pdf_json/2.json,p/pmc_json/PMC1.xml.json\r\n\
             \"b, \"\"c\"\"\n\n\",1999,,x.json;;\n",
        )
        .unwrap();
        let cases = [("1", Some(2003)), ("2", Some(2003)), ("PMC1", Some(2003)), ("x", Some(1999))];
        for (id, year) in cases.into_iter().chain([("a", None), ("", None)]) {
            assert_eq!(years.get(id), year, "{id}");
        }
    }

    #[test]
    fn a_time_without_four_digits_is_no_year() {
        let cases = [
            ("2020", Some(2020)),
            ("2020-05-01", Some(2020)),
            ("20201", Some(2020)),
            ("0999", Some(999)),
            ("", None),
            ("202", None),
            ("+202", None),
            (" 2020", None),
            ("Jan 2020", None),
            ("20\u{662}0", None),
        ];
        for (time, year) in cases {
            assert_eq!(read(&format!("a,{time},x.json,")).unwrap().get("x"), year, "{time}");
        }
    }

    #[test]
    fn the_last_row_of_a_file_counts() {
        assert_eq!(read("a,2001,x.json,\na,2002,x.json,").unwrap().get("x"), Some(2002));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_header() {
        let bytes = "\u{feff}publish_time,pdf_json_files,pmc_json_files\n2001,x.json,";
        assert_eq!(Years::read(bytes.as_bytes()).unwrap().get("x"), Some(2001));
    }

    #[test]
    fn what_is_broken_is_said_with_its_line() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "line 1: metadata.csv has no column `publish_time`"),
            (b"publish_time,sha\n", "line 1: metadata.csv has no column `pdf_json_files`"),
            (
                b"publish_time,pdf_json_files,pmc_json_files\n1,2,3\n1,2\n",
                "line 3: 2 fields where the header has 3",
            ),
            (b"publish_time,pdf_json_files,pmc_json_files\n1,\"2,3\n", "line 2: 2 fields"),
            (b"publish_time,pdf_json_files,pmc_json_files\n1,\xff,3\n", "line 2: not UTF-8"),
        ];
        for (bytes, message) in cases {
            let error = Years::read(bytes).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_has_an_end() {
        let rows = format!("a,2001,x.json,\nb,2001,\"{}", "x,\n".repeat(METADATA_ROW_BYTES_MAX));
        let error = read(&rows).unwrap_err();
        assert!(matches!(error.fault, MetadataFault::TooLong), "{error}");
        assert_eq!(error.position, Some(Position::line(3)));
    }
}
