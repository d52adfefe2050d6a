//! Records in canonical form: combined by key, sorted by key, encoded; then hashed.
//!
//! For each declared table in order: a varint count of rows, then the rows; text as varint length and
//! bytes, integers as zigzag varints (LEB128, shortest form). Two hosts that did the same work give
//! the same bytes, whatever the order in which their app emitted records.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::limits::{RESULT_BYTES_MAX, RESULT_ROWS_MAX, TEXT_BYTES_MAX};
use crate::payload::decompress;
use crate::table::{ColumnType, Row, Rule, Table, Value};

/// zstd level of results: made once, read once, small.
const RESULT_ZSTD_LEVEL: i32 = 1;

/// Why records are refused. Carries the table's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too few, too many or wrongly typed values.
    #[error("table {0}: a row does not fit its columns")]
    Shape(&'static str),
    /// Text that is too long or holds NUL.
    #[error("table {0}: a text is over {TEXT_BYTES_MAX} bytes or holds NUL")]
    Text(&'static str),
    /// Two rows with one key and a column that cannot be combined.
    #[error("table {0}: two rows have the same key")]
    Twice(&'static str),
    /// A sum left the range of 64 bits.
    #[error("table {0}: a sum is over 64 bits")]
    Overflow(&'static str),
    /// More rows or bytes than a result may have.
    #[error("result is over {RESULT_ROWS_MAX} rows or {RESULT_BYTES_MAX} bytes")]
    TooLarge,
    /// Bytes that are not the canonical form of anything.
    #[error("bytes are not records in canonical form, near byte {0}")]
    Form(usize),
}

/// Rows per table, in the order that the app declares its tables.
pub type Tables = Vec<Vec<Row>>;

/// Sorts rows by key and combines those with the same key.
///
/// # Errors
/// Rows that do not fit the table or cannot be combined.
pub fn combine(table: &Table, rows: &mut Vec<Row>) -> Result<(), RecordError> {
    for row in rows.iter() {
        fits(table, row)?;
    }
    let keys = table.keys();
    rows.sort_unstable_by(|a, b| a[..keys].cmp(&b[..keys]));
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        match kept.last_mut() {
            Some(last) if last[..keys] == row[..keys] => merge(table, last, &row)?,
            _ => kept.push(row),
        }
    }
    *rows = kept;
    Ok(())
}

fn fits(table: &Table, row: &Row) -> Result<(), RecordError> {
    if row.len() != table.columns.len() {
        return Err(RecordError::Shape(table.name));
    }
    for (column, value) in table.columns.iter().zip(row) {
        match (column.kind, value) {
            (ColumnType::Int, Value::Int(_)) => {}
            (ColumnType::Text, Value::Text(text)) => text_fits(table, text)?,
            _ => return Err(RecordError::Shape(table.name)),
        }
    }
    Ok(())
}

fn text_fits(table: &Table, text: &str) -> Result<(), RecordError> {
    if text.len() > TEXT_BYTES_MAX || text.as_bytes().contains(&0) {
        return Err(RecordError::Text(table.name));
    }
    Ok(())
}

/// Adds a row's values to another of the same key, by each column's rule.
///
/// # Errors
/// A column may have one value only, or a sum overflows.
pub fn merge(table: &Table, into: &mut Row, from: &Row) -> Result<(), RecordError> {
    for (column, (old, new)) in table.columns.iter().zip(into.iter_mut().zip(from)) {
        match column.rule {
            Rule::Key => {}
            Rule::Once => return Err(RecordError::Twice(table.name)),
            Rule::Max => {
                if *old < *new {
                    old.clone_from(new);
                }
            }
            Rule::Min => {
                if *new < *old {
                    old.clone_from(new);
                }
            }
            Rule::Sum => {
                let (Value::Int(a), Value::Int(b)) = (&*old, new) else {
                    return Err(RecordError::Shape(table.name));
                };
                *old = Value::Int(a.checked_add(*b).ok_or(RecordError::Overflow(table.name))?);
            }
        }
    }
    // A table of keys only has nothing to combine: the same row twice is the same row.
    Ok(())
}

/// The canonical bytes of an app's records. Combines and sorts them first.
///
/// # Errors
/// Records that do not fit their tables, or are too many.
pub fn encode(tables: &[Table], records: &mut Tables) -> Result<Vec<u8>, RecordError> {
    let rows: usize = records.iter().map(Vec::len).sum();
    if rows > RESULT_ROWS_MAX || records.len() != tables.len() {
        return Err(RecordError::TooLarge);
    }
    let mut bytes = Vec::new();
    for (table, rows) in tables.iter().zip(records) {
        combine(table, rows)?;
        put_varint(&mut bytes, rows.len() as u64);
        for value in rows.iter().flatten() {
            match value {
                Value::Int(number) => put_varint(&mut bytes, zigzag(*number)),
                Value::Text(text) => {
                    put_varint(&mut bytes, text.len() as u64);
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        if bytes.len() > RESULT_BYTES_MAX {
            return Err(RecordError::TooLarge);
        }
    }
    Ok(bytes)
}

/// The records of canonical bytes, checked: types, limits, order, shortest form, nothing left over.
///
/// # Errors
/// Any bytes that [`encode`] would not have written for these tables.
pub fn decode(tables: &[Table], bytes: &[u8]) -> Result<Tables, RecordError> {
    let mut reader = Reader { bytes, at: 0 };
    let mut records = Tables::new();
    let mut total = 0_usize;
    for table in tables {
        let count = reader.varint()?;
        let mut rows: Vec<Row> = Vec::new();
        for _ in 0..count {
            total += 1;
            if total > RESULT_ROWS_MAX {
                return Err(RecordError::TooLarge);
            }
            let row = reader.row(table)?;
            let keys = table.keys();
            if let Some(last) = rows.last()
                && last[..keys].cmp(&row[..keys]) != Ordering::Less
            {
                return Err(RecordError::Form(reader.at));
            }
            rows.push(row);
        }
        records.push(rows);
    }
    if reader.at != bytes.len() {
        return Err(RecordError::Form(reader.at));
    }
    Ok(records)
}

/// Compresses canonical bytes for the way and the disk.
///
/// # Errors
/// zstd itself failed (out of memory).
pub fn pack(canonical: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(canonical, RESULT_ZSTD_LEVEL)
}

/// Undoes [`pack`], taking no more than the declared number of bytes.
///
/// # Errors
/// Not zstd, or another size than declared.
pub fn unpack(packed: &[u8], declared: u64) -> std::io::Result<Vec<u8>> {
    let wrong = || std::io::Error::other("result decompresses to other than its declared size");
    let declared = usize::try_from(declared).map_err(|_| wrong())?;
    decompress(packed, declared, RESULT_BYTES_MAX)?.ok_or_else(wrong)
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(coded: u64) -> i64 {
    (coded >> 1).cast_signed() ^ -((coded & 1).cast_signed())
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self) -> RecordError {
        RecordError::Form(self.at)
    }

    fn varint(&mut self) -> Result<u64, RecordError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(self.wrong())?;
            self.at += 1;
            let bits = u64::from(byte & 0x7f);
            let shortest = shift == 0 || byte != 0;
            if !shortest || (shift == 63 && bits > 1) {
                return Err(self.wrong());
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.wrong())
    }

    fn row(&mut self, table: &Table) -> Result<Row, RecordError> {
        table.columns.iter().map(|column| self.value(table, column.kind)).collect()
    }

    fn value(&mut self, table: &Table, kind: ColumnType) -> Result<Value, RecordError> {
        match kind {
            ColumnType::Int => Ok(Value::Int(unzigzag(self.varint()?))),
            ColumnType::Text => {
                let len = usize::try_from(self.varint()?).map_err(|_| self.wrong())?;
                let end = self.at.checked_add(len).ok_or(self.wrong())?;
                let bytes = self.bytes.get(self.at..end).ok_or(self.wrong())?;
                let text = core::str::from_utf8(bytes).map_err(|_| self.wrong())?;
                text_fits(table, text)?;
                self.at = end;
                Ok(Value::Text(String::from(text)))
            }
        }
    }
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
