//! CSV and TSV: records under a header, field by field, so that no more is held than is asked for.
//!
//! TSV has no quotes: a quotation mark that begins a field is text, and costs no rows. A record that
//! is too long is passed over to its end, which after a lost quote is the file's.

use std::io::{BufRead, Result as IoResult};

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use gleaner_shared::document::Document;

use super::columns::Role;
use super::draft::Draft;
use super::{Row, RowSettings};
use crate::broken::{BrokenDocument, Fault};

/// Bytes of a column's name that are looked at: no name that anybody types is longer.
const NAME_BYTES_MAX: usize = 1_024;
/// Bytes of a field that are parsed at once.
const PIECE_BYTES: usize = 4 * 1024;

/// The records of a file.
pub(super) struct Records<'s, R> {
    source: R,
    parser: Reader,
    quoting: bool,
    settings: RowSettings<'s>,
    header: Option<Header>,
    ended: bool,
}

/// What the first record says.
struct Header {
    /// The columns that are for something, by their place, in order.
    uses: Vec<(usize, Vec<Role>)>,
    /// All columns.
    columns: usize,
}

impl Header {
    fn uses(&self, place: usize) -> Option<&[Role]> {
        let at = self.uses.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        Some(&self.uses[at].1)
    }
}

/// A record as far as it is kept.
struct Record {
    line: u64,
    /// Fields with a use, by their place.
    kept: Vec<(usize, Vec<u8>)>,
    fields: usize,
    too_long: bool,
    /// The file ends within quotes.
    open_quote: bool,
}

impl Record {
    fn at(line: u64) -> Self {
        Self { line, kept: Vec::new(), fields: 0, too_long: false, open_quote: false }
    }
}

impl<'s, R: BufRead> Records<'s, R> {
    pub(super) fn csv(source: R, settings: RowSettings<'s>) -> Self {
        let parser = ReaderBuilder::new().build();
        Self { source, parser, quoting: true, settings, header: None, ended: false }
    }

    pub(super) fn tsv(source: R, settings: RowSettings<'s>) -> Self {
        let parser = ReaderBuilder::new().delimiter(b'\t').quoting(false).build();
        Self { source, parser, quoting: false, settings, header: None, ended: false }
    }

    /// Passes over the line ends before a record, which the parser would count to it.
    fn skip_line_ends(&mut self) -> IoResult<()> {
        loop {
            let input = self.source.fill_buf()?;
            let ends = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let lines = input[..ends].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.parser.set_line(self.parser.line() + lines);
            self.source.consume(ends);
            if ends == 0 {
                return Ok(());
            }
        }
    }

    /// The next record; none at the end.
    fn record(&mut self) -> IoResult<Option<Record>> {
        self.skip_line_ends()?;
        let (bytes_max, header) = (self.settings.bytes_max, self.header.as_ref());
        let is_kept = |place: usize| match header {
            None => true,
            Some(header) => header.uses(place).is_some(),
        };
        let mut record = Record::at(self.parser.line());
        let mut piece = [0; PIECE_BYTES];
        let (mut bytes, mut quotes, mut field) = (0_usize, 0, Vec::new());
        loop {
            let input = self.source.fill_buf()?;
            let has_ended = input.is_empty();
            let (result, used, made) = self.parser.read_field(input, &mut piece);
            quotes += input[..used].iter().filter(|byte| **byte == b'"').count();
            self.source.consume(used);
            bytes = bytes.saturating_add(used);
            record.too_long |= bytes > bytes_max;
            if record.too_long {
                (record.kept, field) = (Vec::new(), Vec::new());
            } else if is_kept(record.fields) {
                let most = if header.is_none() { NAME_BYTES_MAX } else { bytes_max };
                let room = most.saturating_sub(field.len());
                field.extend_from_slice(&piece[..made.min(room)]);
            }
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => return Ok(None),
                ReadFieldResult::Field { record_end } => {
                    let place = record.fields;
                    record.fields += 1;
                    let is_wanted = header.is_some() || self.settings.is_named(&field);
                    if is_kept(place) && is_wanted && !record.too_long {
                        record.kept.push((place, std::mem::take(&mut field)));
                    }
                    field.clear();
                    if record_end {
                        // Quotes come in pairs; an odd one only costs a file's last record.
                        record.open_quote = self.quoting && has_ended && quotes % 2 == 1;
                        return Ok(Some(record));
                    }
                }
            }
        }
    }

    /// Reads the header.
    fn begin(&mut self) -> IoResult<Result<(), BrokenDocument>> {
        let columns = self.settings.columns;
        let Some(record) = self.record()? else {
            return Ok(Err(Fault::NoColumn(columns.text_names()).on(1)));
        };
        if record.too_long {
            let bytes_max = self.settings.bytes_max;
            return Ok(Err(Fault::RowTooLong { bytes_max }.on(1)));
        }
        let roles = |name: &[u8]| columns.roles(&String::from_utf8_lossy(name)).collect();
        let uses: Vec<(usize, Vec<Role>)> =
            record.kept.iter().map(|(place, name)| (*place, roles(name))).collect();
        let has = |wanted: &str| record.kept.iter().any(|(_, name)| name == wanted.as_bytes());
        let given = columns.text.iter().chain(&columns.id).chain(&columns.year);
        if let Some(missing) = given.into_iter().find(|wanted| !has(wanted)) {
            return Ok(Err(Fault::NoColumn(missing.clone()).on(1)));
        }
        let is_text = |role: &Role| matches!(role, Role::Text(_));
        if !uses.iter().any(|(_, roles)| roles.iter().any(is_text)) {
            return Ok(Err(Fault::NoColumn(columns.text_names()).on(1)));
        }
        self.header = Some(Header { uses, columns: record.fields });
        Ok(Ok(()))
    }

    fn document(&self, record: &Record) -> Result<Document, Fault> {
        if record.too_long {
            return Err(Fault::RowTooLong { bytes_max: self.settings.bytes_max });
        }
        if record.open_quote {
            return Err(Fault::OpenQuote);
        }
        let header = self.header.as_ref().expect("it is read before all records");
        if record.fields != header.columns {
            return Err(Fault::Fields { fields: record.fields, columns: header.columns });
        }
        let mut draft = Draft::new(self.settings.columns.texts());
        for (place, field) in &record.kept {
            let text = str::from_utf8(field).map_err(|_| Fault::NotUtf8)?;
            for role in header.uses(*place).unwrap_or_default() {
                draft.take(*role, text);
            }
        }
        draft.document(record.line, &self.settings)
    }

    fn row(&mut self) -> IoResult<Option<Row>> {
        if self.header.is_none()
            && let Err(broken) = self.begin()?
        {
            self.ended = true;
            return Ok(Some(Row { line: 1, read: Err(broken) }));
        }
        let Some(record) = self.record()? else { return Ok(None) };
        let read = self.document(&record).map_err(|fault| fault.on(record.line));
        Ok(Some(Row { line: record.line, read }))
    }
}

impl RowSettings<'_> {
    /// Whether a column of this name counts.
    fn is_named(&self, name: &[u8]) -> bool {
        str::from_utf8(name).is_ok_and(|name| self.columns.roles(name).next().is_some())
    }
}

impl<R: BufRead> Iterator for Records<'_, R> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.ended {
            return None;
        }
        let row = self.row().unwrap_or_else(|error| {
            self.ended = true;
            let line = self.parser.line();
            Some(Row { line, read: Err(Fault::Unreadable(error.to_string()).on(line)) })
        });
        self.ended |= row.is_none();
        row
    }
}

#[cfg(test)]
#[path = "delimited_tests.rs"]
mod tests;
