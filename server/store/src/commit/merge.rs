//! Merging: records of settled units into the job's tables.
//!
//! Rows that units share are summed over the batch in memory first, so that each key is written
//! once. Nothing that a host returned can make a commit fail: a key that belongs to another unit is
//! left as it is, a sum that leaves 64 bits stays at the end of its range; both are logged.

use std::collections::BTreeMap;

use gleaner_shared::id::JobId;
use gleaner_shared::limits::MERGE_ROWS_MAX;
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Row, Rule, Spread, Table, Value};
use sqlx::SqliteConnection;

use super::CommitError;
use crate::table::write;

/// A row, and how many units it came from.
pub(crate) type Counted = (Row, i64);

/// Gathers records by job and table.
#[derive(Debug, Default)]
pub(super) struct Merger {
    rows: BTreeMap<JobId, (&'static [Table], Vec<Vec<Counted>>)>,
    gathered: usize,
}

impl Merger {
    pub(super) async fn add(
        &mut self,
        connection: &mut SqliteConnection,
        job: JobId,
        tables: &'static [Table],
        records: Tables,
    ) -> Result<(), CommitError> {
        let fresh = || (tables, vec![Vec::new(); tables.len()]);
        let (_, gathered) = self.rows.entry(job).or_insert_with(fresh);
        for (rows, new) in gathered.iter_mut().zip(records) {
            self.gathered += new.len();
            rows.extend(new.into_iter().map(|row| (row, 1)));
        }
        if self.gathered > MERGE_ROWS_MAX {
            self.flush(connection).await?;
        }
        Ok(())
    }

    pub(super) async fn flush(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<(), CommitError> {
        self.gathered = 0;
        for (job, (tables, gathered)) in std::mem::take(&mut self.rows) {
            for (table, mut rows) in tables.iter().zip(gathered) {
                let keys = table.keys();
                rows.sort_unstable_by(|(a, _), (b, _)| a[..keys].cmp(&b[..keys]));
                if table.spread == Spread::Shared {
                    rows = combine(table, rows);
                }
                write::merge(connection, job, table, rows).await?;
            }
        }
        Ok(())
    }
}

/// Makes neighbours with one key one row.
fn combine(table: &Table, rows: Vec<Counted>) -> Vec<Counted> {
    let keys = table.keys();
    let mut kept: Vec<Counted> = Vec::with_capacity(rows.len());
    for (row, units) in rows {
        match kept.last_mut() {
            Some((last, count)) if last[..keys] == row[..keys] => {
                *count += units;
                for (column, (old, new)) in table.columns.iter().zip(last.iter_mut().zip(row)) {
                    combine_value(column.rule, old, new);
                }
            }
            _ => kept.push((row, units)),
        }
    }
    kept
}

fn combine_value(rule: Rule, old: &mut Value, new: Value) {
    match (rule, old, new) {
        (Rule::Sum, Value::Int(sum), Value::Int(number)) => {
            *sum = sum.checked_add(number).unwrap_or_else(|| {
                tracing::warn!("a sum left 64 bits and stays at the end of its range");
                sum.saturating_add(number)
            });
        }
        (Rule::Max, old, new) if new > *old => *old = new,
        (Rule::Min, old, new) if new < *old => *old = new,
        // A shared key that may have one value only keeps the first.
        _ => {}
    }
}
