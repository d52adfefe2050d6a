//! Tables that an app declares, and rows of them.

use alloc::string::String;
use alloc::vec::Vec;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum ColumnType {
    /// UTF-8 without NUL, at most [`crate::limits::TEXT_BYTES_MAX`] bytes.
    Text,
    /// A signed 64-bit integer.
    Int,
}

/// How two rows with the same key become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Rule {
    /// Part of the key; keys come first in a table.
    Key,
    /// Added; an overflow is refused.
    Sum,
    /// The greater.
    Max,
    /// The less.
    Min,
    /// Two values are an error: the key belongs to one unit.
    Once,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Lower-case ASCII letters, digits and `_`, from a letter on.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnType,
    /// How its values merge.
    pub rule: Rule,
}

/// Whether a table's keys belong to one unit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Each key comes from one unit only: rows are appended.
    Unit,
    /// Many units may have the same key: rows are combined.
    Shared,
}

/// A table that an app declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Lower-case ASCII letters, digits and `_`, from a letter on.
    pub name: &'static str,
    /// The columns, keys first, at least one key.
    pub columns: &'static [Column],
    /// Whether units share keys.
    pub spread: Spread,
}

impl Table {
    /// How many columns are keys.
    pub fn keys(&self) -> usize {
        self.columns.iter().take_while(|column| column.rule == Rule::Key).count()
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub enum Value {
    /// Text; compared by bytes.
    Text(String),
    /// An integer.
    Int(i64),
}

/// The values of one row, in the order of its table's columns.
pub type Row = Vec<Value>;
