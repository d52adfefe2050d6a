//! Statements over many rows. Their texts come in few lengths, so that prepared ones are used again.

use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::table::Value;
use gleaner_shared::unit::UnitKey;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

/// Rows of one statement: each next length is a quarter.
const LENGTHS: [usize; 5] = [256, 64, 16, 4, 1];
/// Bound values of one statement: far under SQLite's 32,766, so that preparing one stays cheap.
const VALUES_MAX: usize = 2_048;

/// A value to bind.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

macro_rules! cell_from {
    ($($kind:ty => $made:expr),* $(,)?) => {
        $(impl From<$kind> for Cell {
            fn from(value: $kind) -> Self {
                $made(value)
            }
        })*
    };
}
cell_from! {
    i64 => Self::Int,
    u32 => |value| Self::Int(i64::from(value)),
    u8 => |value| Self::Int(i64::from(value)),
    String => Self::Text,
    &str => |value: &str| Self::Text(value.into()),
    Vec<u8> => Self::Blob,
    Digest => |value: Digest| Self::Blob(value.0.to_vec()),
    HostId => |value: HostId| Self::Blob(value.0.to_vec()),
    Value => |value| match value {
        Value::Int(number) => Self::Int(number),
        Value::Text(text) => Self::Text(text),
    },
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The four columns that name a unit.
pub(crate) fn unit_cells(unit: UnitKey) -> [Cell; 4] {
    [unit.job.0.into(), unit.slice.into(), unit.docs.first.into(), unit.docs.count.into()]
}

pub(crate) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

pub(crate) fn bind(query: Query<'_>, cell: Cell) -> Query<'_> {
    match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Int(number) => query.bind(number),
        Cell::Text(text) => query.bind(text),
        Cell::Blob(bytes) => query.bind(bytes),
    }
}

/// A statement around a list of rows: `head (?, ?), (?, ?) tail`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) head: &'a str,
    /// Columns of a row, at least 1.
    pub(crate) width: usize,
    pub(crate) tail: &'a str,
}

impl Shape<'_> {
    fn text(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.width].join(", "));
        format!("{} {} {}", self.head, vec![row.as_str(); rows].join(", "), self.tail)
    }

    /// Runs the statement over all rows; how many rows it changed.
    pub(crate) async fn execute(
        &self,
        connection: &mut SqliteConnection,
        rows: impl ExactSizeIterator<Item = impl IntoIterator<Item = Cell>>,
    ) -> sqlx::Result<u64> {
        let mut rows = rows;
        let mut changed = 0;
        while rows.len() > 0 {
            let (text, count) = self.next(rows.len());
            let mut query = sqlx::query(AssertSqlSafe(text));
            for cell in rows.by_ref().take(count).flatten() {
                query = bind(query, cell);
            }
            changed += query.execute(&mut *connection).await?.rows_affected();
        }
        Ok(changed)
    }

    /// Runs the statement over all rows; what it returns.
    pub(crate) async fn fetch(
        &self,
        connection: &mut SqliteConnection,
        rows: impl ExactSizeIterator<Item = impl IntoIterator<Item = Cell>>,
    ) -> sqlx::Result<Vec<SqliteRow>> {
        let mut rows = rows;
        let mut found = Vec::new();
        while rows.len() > 0 {
            let (text, count) = self.next(rows.len());
            let mut query = sqlx::query(AssertSqlSafe(text));
            for cell in rows.by_ref().take(count).flatten() {
                query = bind(query, cell);
            }
            found.extend(query.fetch_all(&mut *connection).await?);
        }
        Ok(found)
    }

    fn next(&self, left: usize) -> (String, usize) {
        let fits = |rows: &&usize| **rows <= left && **rows * self.width <= VALUES_MAX;
        let rows = LENGTHS.iter().find(fits).copied().unwrap_or(1);
        (self.text(rows), rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_never_takes_more_rows_than_are_left() {
        let shape = Shape { head: "INSERT INTO t VALUES", width: 3, tail: "" };
        for (left, rows) in [(1, 1), (3, 1), (4, 4), (63, 16), (256, 256), (10_000, 256)] {
            assert_eq!(shape.next(left).1, rows);
        }
        let wide = Shape { width: 40, ..shape };
        assert_eq!(wide.next(10_000).1, 16);
        assert_eq!(shape.text(2).trim(), "INSERT INTO t VALUES (?, ?, ?), (?, ?, ?)");
    }
}
