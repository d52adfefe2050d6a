//! One table of a Parquet export while it is written: a folder of files of bounded rows.
//!
//! It is written as `TABLE.part` and gets its name in the end, so that a table is there whole or not
//! at all. Any program that reads Parquet opens `TABLE/*.parquet`, most of them the folder itself.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gleaner_shared::limits::{PARQUET_FILE_ROWS, PARQUET_GROUP_BYTES, PARQUET_GROUP_ROWS};
use gleaner_shared::table::{ColumnType, Row, Value};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type, TypePtr};

/// zstd level of pages: written once, read often; beyond it time grows faster than size shrinks.
const ZSTD_LEVEL: i32 = 9;

/// Values of one column that wait for their row group.
#[derive(Debug)]
enum Waiting {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
}

/// A folder of Parquet files.
pub(super) struct Parts {
    /// Where the folder will be.
    path: PathBuf,
    /// Where it is meanwhile.
    draft: PathBuf,
    schema: TypePtr,
    columns: Vec<Waiting>,
    waiting_rows: usize,
    waiting_bytes: usize,
    file: Option<SerializedFileWriter<File>>,
    file_rows: u64,
    /// Rows of each file that is complete.
    done: Vec<u64>,
}

/// What is printed of one that failed is its path.
impl core::fmt::Debug for Parts {
    fn fmt(&self, target: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        target.debug_struct("Parts").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Parts {
    pub(super) fn create(
        path: PathBuf,
        columns: &[String],
        types: &[ColumnType],
    ) -> io::Result<Self> {
        let mut draft = path.clone().into_os_string();
        draft.push(".part");
        let draft = PathBuf::from(draft);
        removed(&draft)?;
        fs::create_dir(&draft)?;
        let waiting = types.iter().map(|kind| match kind {
            ColumnType::Text => Waiting::Text(Vec::new()),
            ColumnType::Int => Waiting::Int(Vec::new()),
        });
        Ok(Self {
            schema: schema(columns, types).map_err(failed)?,
            columns: waiting.collect(),
            waiting_rows: 0,
            waiting_bytes: 0,
            file: None,
            file_rows: 0,
            done: Vec::new(),
            path,
            draft,
        })
    }

    /// Adds a row; `false` if its values are not of the columns' types.
    pub(super) fn row(&mut self, row: &Row) -> io::Result<bool> {
        if row.len() != self.columns.len() {
            return Ok(false);
        }
        for (waiting, value) in self.columns.iter_mut().zip(row) {
            match (waiting, value) {
                (Waiting::Text(texts), Value::Text(text)) => {
                    self.waiting_bytes += text.len();
                    texts.push(ByteArray::from(text.as_bytes().to_vec()));
                }
                (Waiting::Int(numbers), Value::Int(number)) => numbers.push(*number),
                _ => return Ok(false),
            }
        }
        self.waiting_rows += 1;
        if self.waiting_rows >= PARQUET_GROUP_ROWS || self.waiting_bytes >= PARQUET_GROUP_BYTES {
            self.group()?;
        }
        Ok(true)
    }

    /// Writes what waits as a row group; ends the file if it is long enough.
    fn group(&mut self) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = File::create(self.draft.join(name(self.done.len())))?;
                let properties = properties(&self.schema, &self.columns).map_err(failed)?;
                SerializedFileWriter::new(file, self.schema.clone(), properties).map_err(failed)?
            }
        };
        write_group(&mut file, &mut self.columns).map_err(failed)?;
        self.file_rows += self.waiting_rows as u64;
        (self.waiting_rows, self.waiting_bytes) = (0, 0);
        self.file = Some(file);
        if self.file_rows >= PARQUET_FILE_ROWS { self.file_end() } else { Ok(()) }
    }

    fn file_end(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            let file = file.into_inner().map_err(failed)?;
            file.sync_all()?;
            self.done.push(std::mem::take(&mut self.file_rows));
        }
        Ok(())
    }

    /// The table is complete: its files, by their paths below the folder of the export, with their
    /// rows. A table without rows has one file, which knows its columns.
    pub(super) fn close(mut self) -> io::Result<Vec<(PathBuf, u64)>> {
        if self.waiting_rows > 0 || (self.done.is_empty() && self.file.is_none()) {
            self.group()?;
        }
        self.file_end()?;
        File::open(&self.draft)?.sync_all()?;
        removed(&self.path)?;
        fs::rename(&self.draft, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        let files = self.done.iter().enumerate();
        Ok(files.map(|(number, rows)| (self.path.join(name(number)), *rows)).collect())
    }
}

fn name(number: usize) -> String {
    format!("part-{number:05}.parquet")
}

fn removed(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        error => io::Error::other(error),
    }
}

fn schema(columns: &[String], types: &[ColumnType]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().zip(types).map(|(name, kind)| {
        let column = match kind {
            ColumnType::Text => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String)),
            ColumnType::Int => Type::primitive_type_builder(name, Physical::INT64),
        };
        column.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("rows").with_fields(fields).build().map(Arc::new)
}

/// Values that come again are kept once, in a dictionary. Other texts, by what differs from the value
/// before, which is little: rows are sorted. Other numbers, as they are: zstd does better on them
/// than on packed differences (measured on page ranks: a fifth less).
fn properties(schema: &TypePtr, columns: &[Waiting]) -> Result<WriterPropertiesPtr, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_created_by(concat!("gleaner ", env!("CARGO_PKG_VERSION")).into());
    for (field, waiting) in schema.get_fields().iter().zip(columns) {
        let (rows, distinct, encoding) = match waiting {
            Waiting::Text(texts) => {
                let distinct = texts.iter().map(ByteArray::data).collect::<HashSet<_>>().len();
                (texts.len(), distinct, Encoding::DELTA_BYTE_ARRAY)
            }
            Waiting::Int(numbers) => {
                let distinct = numbers.iter().collect::<HashSet<_>>().len();
                (numbers.len(), distinct, Encoding::PLAIN)
            }
        };
        if distinct > rows / REPEATS_LEAST {
            let path = ColumnPath::from(field.name());
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, encoding);
        }
    }
    Ok(Arc::new(builder.build()))
}

/// Times that the mean value of a column comes again, if a dictionary is to pay.
const REPEATS_LEAST: usize = 4;

fn write_group(
    file: &mut SerializedFileWriter<File>,
    columns: &mut [Waiting],
) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    for waiting in columns {
        let Some(mut column) = group.next_column()? else { break };
        match waiting {
            Waiting::Text(texts) => {
                column.typed::<ByteArrayType>().write_batch(texts, None, None)?;
                texts.clear();
            }
            Waiting::Int(numbers) => {
                column.typed::<Int64Type>().write_batch(numbers, None, None)?;
                numbers.clear();
            }
        }
        column.close()?;
    }
    group.close().map(drop)
}
