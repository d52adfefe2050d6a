//! Reading rows of result tables: as a stream for an export, or page by page in the order of keys.

use futures_util::TryStreamExt;
use gleaner_shared::id::JobId;
use gleaner_shared::limits::ROWS_BYTES_MAX;
use gleaner_shared::table::{Column, ColumnType, Row, Table, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};
use tokio::sync::mpsc::Sender;

use super::layout::{list, name_check, sql_name};
use crate::batch::{Cell, bind};
use crate::error::StoreError;
use crate::store::Store;

/// Encoded bytes of an integer with its tag, and of a text beside its own bytes, at most.
const VALUE_BYTES: usize = 10;

/// Rows to read.
#[derive(Clone, Debug)]
pub struct RowsWish {
    /// Of which job.
    pub job: JobId,
    /// Of which table.
    pub table: &'static Table,
    /// Which of its columns, in this order.
    pub columns: Vec<&'static str>,
    /// Sorted by these, ascending; text by bytes.
    pub order_by: Vec<&'static str>,
}

impl RowsWish {
    fn columns_of(&self, names: &[&'static str]) -> Result<Vec<Column>, StoreError> {
        let column = |name: &&'static str| {
            let found = self.table.columns.iter().find(|column| column.name == *name);
            found.copied().ok_or_else(|| {
                StoreError::Absent(format!("column {name} of table {}", self.table.name))
            })
        };
        names.iter().map(column).collect()
    }
}

impl Store {
    /// Sends rows in batches that fit a frame, all of one moment. Ends early, without error, when
    /// the receiver is gone. Holds one connection for streams as long as it takes.
    ///
    /// # Errors
    /// There is no such table or column, or the database failed.
    pub async fn rows(&self, wish: RowsWish, sender: Sender<Vec<Row>>) -> Result<(), StoreError> {
        let columns = wish.columns_of(&wish.columns)?;
        let order = wish.columns_of(&wish.order_by)?;
        name_check(wish.table.name)?;
        let mut select =
            format!("SELECT {} FROM {}", list(&columns), sql_name(wish.job, wish.table.name));
        if !order.is_empty() {
            select.push_str(" ORDER BY ");
            select.push_str(&list(&order));
        }
        let query = sqlx::query(AssertSqlSafe(select)).persistent(false);
        let mut rows = query.fetch(&self.inner.streams);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let row = values(&row, &columns)?;
            let more: usize = row.iter().map(value_bytes).sum();
            if bytes + more > ROWS_BYTES_MAX && !batch.is_empty() {
                if sender.send(std::mem::take(&mut batch)).await.is_err() {
                    return Ok(());
                }
                bytes = 0;
            }
            bytes += more + VALUE_BYTES;
            batch.push(row);
        }
        if !batch.is_empty() {
            // A receiver that is gone wants no more rows: nothing failed.
            let _ = sender.send(batch).await;
        }
        Ok(())
    }

    /// At most `limit` whole rows after a key, in the order of keys, to walk a table in steps that
    /// hold no connection between them. Walk on with the last row's key; from the start with none.
    ///
    /// # Errors
    /// There is no such table, or the database failed.
    pub async fn rows_after(
        &self,
        job: JobId,
        table: &'static Table,
        after: Option<&[Value]>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        name_check(table.name)?;
        let keys = &table.columns[..table.keys()];
        let (all, by, name) = (list(table.columns), list(keys), sql_name(job, table.name));
        let marks = vec!["?"; keys.len()].join(", ");
        let from =
            if after.is_some() { format!("WHERE ({by}) > ({marks})") } else { String::new() };
        let select = format!("SELECT {all} FROM {name} {from} ORDER BY {by} LIMIT ?");
        let mut query = sqlx::query(AssertSqlSafe(select));
        for value in after.into_iter().flatten().take(keys.len()) {
            query = bind(query, Cell::from(value.clone()));
        }
        let rows = query.bind(limit).fetch_all(self.readers()).await?;
        rows.iter().map(|row| values(row, table.columns)).collect()
    }
}

fn values(row: &SqliteRow, columns: &[Column]) -> Result<Row, StoreError> {
    let value = |(at, column): (usize, &Column)| {
        Ok(match column.kind {
            ColumnType::Text => Value::Text(row.try_get(at)?),
            ColumnType::Int => Value::Int(row.try_get(at)?),
        })
    };
    columns.iter().enumerate().map(value).collect()
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Int(_) => VALUE_BYTES,
        Value::Text(text) => text.len() + VALUE_BYTES,
    }
}
