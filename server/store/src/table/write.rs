//! Writing rows of result tables: appended, or summed with what is there.

use gleaner_shared::id::JobId;
use gleaner_shared::table::{Column, Rule, Spread, Table};
use sqlx::SqliteConnection;

use super::layout::{UNITS, list, sql_name};
use crate::batch::{Cell, Shape};
use crate::commit::Counted;
use crate::error::StoreError;

/// Merges rows, each key once, in the order of their keys.
pub(crate) async fn merge(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
    rows: Vec<Counted>,
) -> Result<(), StoreError> {
    match table.spread {
        Spread::Unit => append(connection, job, table, rows).await,
        Spread::Shared => upsert(connection, job, table, rows).await,
    }
}

async fn append(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
    rows: Vec<Counted>,
) -> Result<(), StoreError> {
    let wanted = rows.len() as u64;
    let head = format!("INSERT INTO {} VALUES", sql_name(job, table.name));
    let insert = Shape { head: &head, width: table.columns.len(), tail: "ON CONFLICT DO NOTHING" };
    let rows = rows.into_iter().map(|(row, _)| row.into_iter().map(Cell::from));
    let written = insert.execute(connection, rows).await?;
    if written != wanted {
        let left = wanted - written;
        tracing::warn!(%job, table = table.name, left, "rows with another unit's key were left out");
    }
    Ok(())
}

async fn upsert(
    connection: &mut SqliteConnection,
    job: JobId,
    table: &Table,
    rows: Vec<Counted>,
) -> Result<(), StoreError> {
    let name = sql_name(job, table.name);
    let head = format!("INSERT INTO {name} ({}, {UNITS}) VALUES", list(table.columns));
    let mut sets = vec![format!("{UNITS} = {name}.{UNITS} + excluded.{UNITS}")];
    sets.extend(table.columns.iter().filter_map(|column| set(&name, column)));
    let tail = format!("ON CONFLICT DO UPDATE SET {}", sets.join(", "));
    let upsert = Shape { head: &head, width: table.columns.len() + 1, tail: &tail };
    let rows = rows.into_iter().map(|(row, units)| {
        row.into_iter().map(Cell::from).chain(std::iter::once(Cell::Int(units)))
    });
    upsert.execute(connection, rows).await?;
    Ok(())
}

/// How a column of a row that is there takes a new value.
fn set(table: &str, column: &Column) -> Option<String> {
    let (old, new) =
        (format!("{table}.\"{}\"", column.name), format!("excluded.\"{}\"", column.name));
    let merged = match column.rule {
        Rule::Key | Rule::Once => return None,
        Rule::Max => format!("max({old}, {new})"),
        Rule::Min => format!("min({old}, {new})"),
        // SQLite makes a sum over 64 bits a float, which the table would refuse.
        Rule::Sum => format!(
            "CASE WHEN typeof({old} + {new}) = 'integer' THEN {old} + {new} \
             WHEN {new} > 0 THEN {} ELSE {} END",
            i64::MAX,
            i64::MIN
        ),
    };
    Some(format!("\"{}\" = {merged}", column.name))
}
