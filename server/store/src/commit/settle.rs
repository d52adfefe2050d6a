//! Settlements: the guard that a unit is merged exactly once, its records, and the end of its rows.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_failpoint::crash_point;
use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::{Outcome, Settlement};
use sqlx::{Row as _, SqliteConnection};

use super::merge::Merger;
use super::result::message;
use super::stage::Stage;
use super::{CommitError, Run, records};
use crate::batch::{Cell, Shape, unit_cells};
use crate::columns::{Word as _, digest_of, host_of, outcome_of, unit_of};
use crate::error::is_conflict;
use crate::object::Objects;

/// A result whose unit is settled, and whose row goes.
struct Gone {
    unit: UnitKey,
    host: HostId,
    outcome: Outcome,
    object: Option<Digest>,
    message: String,
}

/// Gives the objects that rows named which are gone.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    objects: &Objects,
    stage: &Stage,
    run: &Run,
) -> Result<Vec<Digest>, CommitError> {
    if stage.settled.is_empty() {
        return Ok(Vec::new());
    }
    let mut merger = Merger::default();
    for (unit, (settlement, _)) in &stage.settled {
        if let Settlement::Merged(digest) = settlement {
            let (tables, records) =
                records::read(connection, objects, run, (*unit, *digest)).await?;
            merger.add(connection, unit.job, tables, records).await?;
        }
    }
    merger.flush(connection).await?;
    crash_point!("server.settle.half");
    let gone = rows_delete(connection, stage).await?;
    settlements_insert(connection, stage, run, &gone).await?;
    hosts_credit(connection, stage, &gone).await?;
    Ok(gone.iter().filter_map(|gone| gone.object).collect())
}

async fn rows_delete(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<Vec<Gone>, CommitError> {
    let units = || stage.settled.keys().copied().map(unit_cells);
    let delete = Shape {
        head: "DELETE FROM unit WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ")",
    };
    delete.execute(connection, units()).await?;
    let delete = Shape {
        head: "DELETE FROM result WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ") RETURNING job, slice, first, count, host, digest, failure, object, message",
    };
    let rows = delete.fetch(connection, units()).await?;
    let mut gone = Vec::with_capacity(rows.len());
    for row in rows {
        let unit = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let (host, object): (Vec<u8>, Option<Vec<u8>>) = (row.try_get(4)?, row.try_get(7)?);
        gone.push(Gone {
            unit: unit_of(unit),
            host: host_of(&host)?,
            outcome: outcome_of(row.try_get(5)?, row.try_get(6)?)?,
            object: object.as_deref().map(digest_of).transpose()?,
            message: row.try_get(8)?,
        });
    }
    Ok(gone)
}

async fn settlements_insert(
    connection: &mut SqliteConnection,
    stage: &Stage,
    run: &Run,
    gone: &[Gone],
) -> Result<(), CommitError> {
    let mut said: BTreeMap<UnitKey, &str> = BTreeMap::new();
    for result in gone.iter().filter(|result| !result.message.is_empty()) {
        said.entry(result.unit).or_insert(&result.message);
    }
    let rows = stage.settled.iter().map(|(unit, (settlement, by))| {
        let [job, slice, first, count] = unit_cells(*unit);
        let host = by.map(|vote| vote.host.id);
        let (merged, failure, text) = match settlement {
            Settlement::Merged(digest) => (Some(*digest), None, None),
            Settlement::Failed(failure) => {
                let last = host.and_then(|host| run.results.get(&(*unit, host)));
                let last = Some(message(last)).filter(|text| !text.is_empty());
                let text = last.or_else(|| said.get(unit).copied());
                (None, Some(failure.word()), text)
            }
        };
        [job, slice, first, count, merged.into(), failure.into(), host.into(), text.into()]
    });
    let rows: Vec<[Cell; 8]> = rows.collect();
    let insert = Shape { head: "INSERT INTO settled VALUES", width: 8, tail: "" };
    match insert.execute(connection, rows.into_iter()).await {
        Ok(_) => Ok(()),
        Err(error) if is_conflict(&error) => Err(CommitError::AlreadySettled(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Each host whose result agrees with what was merged has one more.
async fn hosts_credit(
    connection: &mut SqliteConnection,
    stage: &Stage,
    gone: &[Gone],
) -> Result<(), CommitError> {
    let mut agreeing: BTreeSet<(HostId, UnitKey)> = BTreeSet::new();
    let mut agree = |host: HostId, unit: UnitKey, outcome: Outcome| {
        if let Some((Settlement::Merged(digest), _)) = stage.settled.get(&unit)
            && outcome == Outcome::Records(*digest)
        {
            agreeing.insert((host, unit));
        }
    };
    gone.iter().for_each(|result| agree(result.host, result.unit, result.outcome));
    for (unit, (_, by)) in &stage.settled {
        by.iter().for_each(|vote| agree(vote.host.id, *unit, vote.outcome));
    }
    let mut counts: BTreeMap<HostId, u32> = BTreeMap::new();
    for (host, _) in agreeing {
        *counts.entry(host).or_default() += 1;
    }
    for (host, merged) in counts {
        sqlx::query("UPDATE host SET merged = merged + ? WHERE id = ?")
            .bind(merged)
            .bind(host.0.to_vec())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
