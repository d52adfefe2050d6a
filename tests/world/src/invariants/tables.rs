//! Result tables: they hold exactly what the job's app makes of the merged units, computed again
//! here, document by document; rows that units share count them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use gleaner_apps::{App, Params, Prepared, run_unit};
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::records;
use gleaner_shared::table::{ColumnType, Row, Spread, Table, Value};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::books::{Books, digest_of};
use super::corpora::{payload, slices};
use super::objects::Objects;
use super::queue::{Job, jobs, settled};
use super::{Checked, Wrong};

/// The app that repeats its work to take longer, and how often; once gives the same bytes.
const PACED: (&str, &str) = ("paced-match", "rounds");

/// What decides a unit's records: app, data, payload, documents.
type Key = (String, Option<Vec<u8>>, Digest, (u32, u32));

/// Rows by key, each with the units that it came from.
type Rows = BTreeMap<Vec<Value>, (Row, i64)>;

/// A job's app, made ready.
struct Ready {
    app: &'static dyn App,
    prepared: Box<dyn Prepared>,
}

/// Compares the tables of all jobs whose apps are known here.
pub(super) fn check(
    books: &mut Books,
    objects: &Objects,
    wrong: &mut Wrong,
    checked: &mut Checked,
) -> Result<()> {
    // Jobs of one corpus and app often repeat each other.
    let mut made: BTreeMap<Key, Vec<u8>> = BTreeMap::new();
    for job in jobs(books)? {
        let Some(ready) = ready(books, objects, &job)? else { continue };
        let tables = ready.app.tables();
        let mut expected: Vec<Rows> = vec![Rows::new(); tables.len()];
        let slices = slices(books, job.corpus)?;
        for unit in settled(books, job.id)? {
            let Some(merged) = &unit.digest else { continue };
            let slice = slices.get(unit.slice as usize).context("a unit has no slice")?;
            let range = gleaner_shared::unit::DocRange { first: unit.first, count: unit.count };
            let (app, data) = (job.app.clone(), job.data.clone());
            let key = (app, data, digest_of(&slice.digest)?, (unit.first, unit.count));
            if !made.contains_key(&key) {
                let payload = payload(objects, slice)?;
                let bytes = run_unit(ready.app, &*ready.prepared, &payload, range);
                made.insert(key.clone(), bytes.context("a merged unit cannot be computed")?);
            }
            let canonical = made.get(&key).context("it was made just now")?;
            let same = digest_of(merged)? == digest(canonical);
            wrong.unless(same, || {
                format!("job {}: {:?} was merged with another digest", job.name, &key.3)
            });
            add(tables, &mut expected, records::decode(tables, canonical)?)?;
        }
        for (table, expected) in tables.iter().zip(expected) {
            checked.rows += expected.len() as u64;
            let found = found(books, job.id, table)?;
            if let Some(why) = difference(&expected, &found) {
                wrong.add(format!("table {} of job {}: {why}", table.name, job.name));
            }
        }
    }
    Ok(())
}

fn ready(books: &mut Books, objects: &Objects, job: &Job) -> Result<Option<Ready>> {
    let Ok(app) = gleaner_apps::app(&job.app) else { return Ok(None) };
    let select = format!("SELECT name, value FROM job_param WHERE job = {}", job.id);
    let mut params: Params = books.all::<(String, String)>(&select)?.into_iter().collect();
    if app.name() == PACED.0 {
        params.remove(PACED.1);
    }
    let data = job.data.as_deref().map(|data| objects.read("artefact", digest_of(data)?));
    let prepared = app.prepare(&params, data.transpose()?.as_deref())?;
    Ok(Some(Ready { app, prepared }))
}

fn add(tables: &[Table], into: &mut [Rows], unit: records::Tables) -> Result<()> {
    for ((table, rows), new) in tables.iter().zip(into).zip(unit) {
        for row in new {
            match rows.get_mut(&row[..table.keys()]) {
                Some((old, units)) => {
                    records::merge(table, old, &row)?;
                    *units += 1;
                }
                None => drop(rows.insert(row[..table.keys()].to_vec(), (row, 1))),
            }
        }
    }
    Ok(())
}

/// The rows that are there; of a table of single units each counts one.
fn found(books: &mut Books, job: u32, table: &Table) -> Result<Rows> {
    let mut columns: Vec<String> =
        table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    columns.push(if table.spread == Spread::Shared { "_units" } else { "1" }.into());
    let select = format!("SELECT {} FROM job{job}_{}", columns.join(", "), table.name);
    let read = |row: &SqliteRow| -> Result<(Vec<Value>, (Row, i64))> {
        let mut values = Row::with_capacity(table.columns.len());
        for (at, column) in table.columns.iter().enumerate() {
            values.push(match column.kind {
                ColumnType::Text => Value::Text(row.try_get(at)?),
                ColumnType::Int => Value::Int(row.try_get(at)?),
            });
        }
        let units = row.try_get(table.columns.len())?;
        Ok((values[..table.keys()].to_vec(), (values, units)))
    };
    books.rows(&select)?.iter().map(read).collect()
}

/// The first row in which two tables differ.
fn difference(expected: &Rows, found: &Rows) -> Option<String> {
    let other = |(key, row): &(&Vec<Value>, &(Row, i64))| found.get(*key) != Some(*row);
    if let Some((key, row)) = expected.iter().find(other) {
        return Some(format!("expected {row:?}, found {:?}", found.get(key)));
    }
    let stray = found.iter().find(|(key, _)| !expected.contains_key(*key));
    stray.map(|(_, row)| format!("nothing gave {row:?}"))
}
